// data_visualization: bar, line, area and pie as SVG, and for screen readers as a table.

import { h, svg } from "../dom.js";

// A chart is drawn for the width it has: a phone's, scaled down, could not be read.
const IS_NARROW = matchMedia("(max-width: 760px)").matches;
const WIDTH = IS_NARROW ? 340 : 640;
const HEIGHT = IS_NARROW ? 220 : 260;
const LABELS = IS_NARROW ? 5 : 10;
const MARGIN = { top: 12, right: 12, bottom: 44, left: 62 };

export function drawChart(block) {
  const chart = block.chart;
  const drawn = chart.type === "pie" ? pie(chart) : axes(chart);
  const summary = `${block.title}, ${chart.type} chart`;
  return h("figure", { class: "chart" },
    h("figcaption", {}, block.title),
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": summary }, ...drawn.marks),
    legend(drawn.legend),
    h("div", { class: "unseen" }, dataOf(block.title, chart)));
}

function legend(items) {
  if (items.length < 2) return null;
  return h("ul", { class: "legend", "aria-hidden": "true" }, ...items.map((item, i) =>
    h("li", {}, h("span", { class: `swatch fill-${i}` }), item)));
}

function dataOf(title, chart) {
  const head = chart.type === "pie" ? ["Part", "Value"]
    : [chart.axis_config.x_label ?? "", ...chart.series.map((series) => series.name)];
  const rows = chart.type === "pie"
    ? chart.segments.map((segment) => [segment.label, number(segment.value)])
    : chart.axis_config.categories.map((label) => [label, ...chart.series.map((series) => number(valueAt(series, label)))]);
  return h("table", {}, h("caption", {}, title),
    h("thead", {}, h("tr", {}, ...head.map((cell) => h("th", { scope: "col" }, cell)))),
    h("tbody", {}, ...rows.map(([first, ...rest]) =>
      h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((cell) => h("td", {}, cell))))));
}

function valueAt(series, label) {
  return series.data.find((point) => point.label === label)?.value ?? 0;
}

function number(value) {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

function axes(chart) {
  const { categories, x_label: xLabel, y_label: yLabel } = chart.axis_config;
  const values = chart.series.flatMap((series) => series.data.map((point) => point.value));
  const ticks = ticksOver(Math.min(0, ...values), Math.max(0, ...values));
  const low = ticks[0];
  const high = ticks.at(-1);
  const inner = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const y = (value) => MARGIN.top + inner.height * (1 - (value - low) / (high - low || 1));
  const slot = inner.width / categories.length;
  const x = (i) => MARGIN.left + slot * (i + 0.5);
  const every = Math.ceil(categories.length / LABELS);
  const marks = [
    ...ticks.flatMap((tick) => [
      svg("line", { class: "grid", x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y(tick), y2: y(tick) }),
      svg("text", { class: "tick", x: MARGIN.left - 8, y: y(tick) + 4, "text-anchor": "end" }, number(tick)),
    ]),
    ...categories.map((label, i) => (i % every ? null
      : svg("text", { class: "tick", x: x(i), y: HEIGHT - MARGIN.bottom + 17, "text-anchor": "middle" }, label))),
    xLabel ? svg("text", { class: "tick", x: MARGIN.left + inner.width / 2, y: HEIGHT - 6, "text-anchor": "middle" }, xLabel) : null,
    yLabel ? svg("text", { class: "tick", x: 12, y: MARGIN.top + inner.height / 2, "text-anchor": "middle",
      transform: `rotate(-90 12 ${MARGIN.top + inner.height / 2})` }, yLabel) : null,
  ];
  const place = { x, y, slot, zero: y(0), categories };
  const draw = { bar: bars, line: lines, area: areas }[chart.type];
  return { marks: [...marks, ...draw(chart.series, place)], legend: chart.series.map((series) => series.name) };
}

function tip(name, label, value) {
  return svg("title", {}, `${name}, ${label}: ${number(value)}`);
}

function bars(series, { x, y, slot, zero, categories }) {
  const wide = (slot * 0.72) / series.length;
  return series.flatMap((one, s) => categories.map((label, i) => {
    const value = valueAt(one, label);
    const left = x(i) - (wide * series.length) / 2 + wide * s;
    return svg("rect", { class: `fill-${s}`, x: left, width: Math.max(1, wide - 1), rx: 2,
      y: Math.min(y(value), zero), height: Math.abs(y(value) - zero) }, tip(one.name, label, value));
  }));
}

function points(one, { x, y, categories }) {
  return categories.map((label, i) => [x(i), y(valueAt(one, label))]);
}

function lines(series, place) {
  return series.flatMap((one, s) => [
    svg("polyline", { class: `stroke-${s}`, points: points(one, place).map((each) => each.join(",")).join(" ") }),
    ...place.categories.map((label, i) => svg("circle", { class: `fill-${s}`, cx: place.x(i), cy: place.y(valueAt(one, label)), r: 3 },
      tip(one.name, label, valueAt(one, label)))),
  ]);
}

function areas(series, place) {
  return series.flatMap((one, s) => {
    const at = points(one, place);
    const shape = [[at[0][0], place.zero], ...at, [at.at(-1)[0], place.zero]];
    return [
      svg("polygon", { class: `fill-${s} soft`, points: shape.map((each) => each.join(",")).join(" ") }),
      ...lines([one], place).map((mark) => { mark.setAttribute("class", mark.getAttribute("class").replace("-0", `-${s}`)); return mark; }),
    ];
  });
}

function ticksOver(low, high) {
  const span = high - low || 1;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((unit) => unit * power).find((unit) => unit >= rough);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step) || 1;
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

function pie(chart) {
  const whole = chart.segments.reduce((sum, segment) => sum + segment.value, 0);
  const [cx, cy, r] = [WIDTH / 2, HEIGHT / 2, HEIGHT / 2 - 16];
  let turn = -Math.PI / 2;
  const marks = chart.segments.map((segment, i) => {
    const angle = (segment.value / whole) * 2 * Math.PI;
    const from = turn;
    turn += angle;
    const label = `${segment.label}: ${number(segment.value)} (${Math.round((segment.value / whole) * 100)}%)`;
    return svg("path", { class: `fill-${i} slice`, d: slice(cx, cy, r, from, turn) }, svg("title", {}, label));
  });
  const shares = chart.segments.map((segment) => `${segment.label} ${Math.round((segment.value / whole) * 100)}%`);
  return { marks, legend: shares };
}

function slice(cx, cy, r, from, to) {
  const at = (angle, radius) => `${cx + radius * Math.cos(angle)} ${cy + radius * Math.sin(angle)}`;
  const end = to - from >= 2 * Math.PI ? to - 1e-4 : to;
  const large = end - from > Math.PI ? 1 : 0;
  const hole = r * 0.55;
  return `M ${at(from, r)} A ${r} ${r} 0 ${large} 1 ${at(end, r)} L ${at(end, hole)} A ${hole} ${hole} 0 ${large} 0 ${at(from, hole)} Z`;
}
