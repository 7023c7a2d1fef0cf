// table, and data_table, which one can sort and leaf through.

import { h, replace } from "../dom.js";
import { words } from "../mrkdwn.js";
import { drawRichText } from "./rich_text.js";

export function drawTable(block) {
  const [head, ...body] = block.rows;
  const align = (i) => `align-${block.column_settings?.[i]?.align ?? "left"}`;
  return scrolling("Table", h("table", {},
    h("thead", {}, h("tr", {}, ...head.map((cell, i) => h("th", { scope: "col", class: align(i) }, content(cell))))),
    h("tbody", {}, ...body.map((row) => h("tr", {}, ...row.map((cell, i) => h("td", { class: align(i) }, content(cell))))))));
}

export function drawDataTable(block) {
  const [head, ...body] = block.rows;
  const size = block.page_size ?? 5;
  const rowHeader = block.row_header_column_index ?? 0;
  const isNumber = head.map((_, i) => body.length > 0 && body.every((row) => row[i].type === "raw_number"));
  const view = { column: -1, isDown: false, page: 0 };
  const table = h("table", {});
  const pager = h("div", { class: "pager" });
  const show = () => {
    const rows = sorted(body, view);
    const from = view.page * size;
    replace(table, h("caption", {}, block.caption), heads(), h("tbody", {}, ...rows.slice(from, from + size).map(line)));
    replace(pager, ...(rows.length > size ? pages(rows.length, from) : []));
  };
  const heads = () => h("thead", {}, h("tr", {}, ...head.map((cell, i) => {
    const order = view.column !== i ? "none" : view.isDown ? "descending" : "ascending";
    const mark = { none: "", ascending: " ▲", descending: " ▼" }[order];
    return h("th", { scope: "col", "aria-sort": order, class: isNumber[i] ? "align-right" : "" },
      h("button", { type: "button", class: "sort", on: { click: () => sortBy(i) } }, cell.text,
        h("span", { "aria-hidden": "true" }, mark)));
  })));
  const line = (row) => h("tr", {}, ...row.map((cell, i) =>
    i === rowHeader
      ? h("th", { scope: "row", class: isNumber[i] ? "align-right" : "" }, content(cell))
      : h("td", { class: isNumber[i] ? "align-right" : "" }, content(cell))));
  const pages = (count, from) => [
    h("span", {}, `${from + 1}–${Math.min(from + size, count)} of ${count}`),
    h("button", { type: "button", class: "quiet", "aria-label": "Previous rows", disabled: from === 0, on: { click: () => turn(-1) } }, "‹"),
    h("button", { type: "button", class: "quiet", "aria-label": "Next rows", disabled: from + size >= count, on: { click: () => turn(1) } }, "›"),
  ];
  const turn = (by) => { view.page += by; show(); };
  const sortBy = (column) => {
    view.isDown = view.column === column ? !view.isDown : isNumber[column];
    Object.assign(view, { column, page: 0 });
    show();
    table.querySelectorAll("th .sort")[column]?.focus();
  };
  show();
  const box = scrolling(block.caption, table);
  return h("div", {}, box, pager);
}

function sorted(rows, { column, isDown }) {
  if (column < 0) return rows;
  const value = (row) => (row[column].type === "raw_number" ? row[column].value : text(row[column]).toLowerCase());
  const order = (one, other) => (value(one) < value(other) ? -1 : value(one) > value(other) ? 1 : 0);
  return [...rows].sort((one, other) => (isDown ? order(other, one) : order(one, other)));
}

function text(cell) {
  return String(cell.text ?? cell.value ?? "");
}

function content(cell) {
  if (cell.type === "rich_text") return drawRichText(cell);
  if (cell.type === "mrkdwn") return h("span", {}, ...words(cell));
  return text(cell);
}

function scrolling(label, table) {
  return h("div", { class: "scrolling", tabindex: "0", role: "group", "aria-label": label }, table);
}
