// Buttons of every kind; one that asks "are you sure?" asks first.

import { h } from "../dom.js";

export function drawButton(element, block, place) {
  const style = element.style ? ` ${element.style}` : "";
  return h("button", {
    type: "button",
    class: `button${style}`,
    "aria-label": element.accessibility_label ?? null,
    data: { key: `${element.action_id}/${element.value ?? ""}` },
    on: { click: () => press(block, element, place) },
  }, element.text.text);
}

function press(block, element, place) {
  if (element.url) {
    window.open(element.url, "_blank", "noopener");
  }
  place.press(block, element, element.value ?? null);
}

export function drawIconButton(element, block, place) {
  return h("button", {
    type: "button",
    class: "button",
    "aria-label": element.text?.text ?? element.icon,
    on: { click: () => place.press(block, element, element.value ?? null) },
  }, element.text?.text ?? element.icon ?? "…");
}

export function drawFeedback(element, block, place) {
  const one = (button, mark) => h("button", {
    type: "button",
    class: "button",
    "aria-label": button.accessibility_label ?? button.text.text,
    on: { click: () => place.press(block, element, button.value) },
  }, `${mark} ${button.text.text}`);
  return h("span", { role: "group", "aria-label": "Feedback" },
    one(element.positive_button, "👍"), one(element.negative_button, "👎"));
}
