// Check boxes and radio buttons.

import { h, newId } from "../dom.js";
import { words } from "../mrkdwn.js";
import { hold, initialOf, named } from "./field.js";

export function drawCheckboxes(element, block, place) {
  return choices("checkbox", element, block, place, element.initial_options ?? []);
}

export function drawRadios(element, block, place) {
  return choices("radio", element, block, place, element.initial_option ? [element.initial_option] : []);
}

function choices(type, element, block, place, initial) {
  const group = newId("choices");
  const chosen = [initialOf(element, block, place, initial.map((option) => option.value))].flat();
  const boxes = element.options.map((option) =>
    h("input", { type, name: group, value: option.value, checked: chosen.includes(option.value),
      data: { key: `${element.action_id}/${option.value}` } }));
  const rows = element.options.map((option, i) => h("label", { class: "choice" }, boxes[i],
    h("span", {}, ...words(option.text),
      option.description ? h("span", { class: "hint" }, ...words(option.description)) : null)));
  const { data, ...names } = named(element, block, place);
  delete names["aria-required"];
  const node = h("div", { role: type === "radio" ? "radiogroup" : "group", ...names }, ...rows);
  const picked = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return hold(node, element, block, place, () => (type === "radio" ? picked()[0] ?? null : picked()));
}
