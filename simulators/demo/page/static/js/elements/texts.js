// What is typed.

import { h } from "../dom.js";
import { hold, initialOf, named } from "./field.js";

const TYPES = { email_text_input: "email", url_text_input: "url", plain_text_input: "text" };

export function drawText(element, block, place) {
  const own = {
    ...named(element, block, place),
    placeholder: element.placeholder?.text ?? null,
    maxlength: element.max_length ?? null,
    value: initialOf(element, block, place, element.initial_value ?? ""),
  };
  const node = element.multiline ? h("textarea", { rows: "4", ...own }) : h("input", { type: TYPES[element.type], ...own });
  return hold(node, element, block, place, () => node.value || null);
}

export function drawNumber(element, block, place) {
  const node = h("input", {
    type: "text",
    inputmode: element.is_decimal_allowed ? "decimal" : "numeric",
    ...named(element, block, place),
    placeholder: element.placeholder?.text ?? null,
    value: initialOf(element, block, place, element.initial_value ?? ""),
  });
  return hold(node, element, block, place, () => node.value.trim() || null);
}

export function drawRich(element, block, place) {
  const node = h("textarea", { rows: "4", ...named(element, block, place), placeholder: element.placeholder?.text ?? null });
  return hold(node, element, block, place, () => node.value || null);
}

export function drawFile(element, block, place) {
  const node = h("input", { type: "file", ...named(element, block, place), multiple: (element.max_files ?? 10) > 1 });
  return hold(node, element, block, place, () => [...node.files].map((file) => file.name));
}
