// Days, times, moments.

import { h } from "../dom.js";
import { hold, initialOf, named } from "./field.js";

export function drawDate(element, block, place) {
  return picker("date", element, block, place, element.initial_date ?? "");
}

export function drawTime(element, block, place) {
  return picker("time", element, block, place, element.initial_time ?? "");
}

export function drawMoment(element, block, place) {
  const initial = element.initial_date_time;
  const shown = initial ? new Date(initial * 1000).toISOString().slice(0, 16) : "";
  const node = h("input", { type: "datetime-local", ...named(element, block, place), value: shown });
  const read = () => (node.value ? Math.floor(Date.parse(`${node.value}Z`) / 1000) : null);
  return hold(node, element, block, place, read);
}

function picker(type, element, block, place, initial) {
  const node = h("input", { type, ...named(element, block, place), value: initialOf(element, block, place, initial) });
  return hold(node, element, block, place, () => node.value || null);
}
