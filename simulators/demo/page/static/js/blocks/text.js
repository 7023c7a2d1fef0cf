// header, context, divider, alert.

import { h } from "../dom.js";
import { plain, words } from "../mrkdwn.js";
import { picture } from "./image.js";

export function drawHeader(block) {
  return h("h2", {}, ...plain(block.text.text));
}

export function drawContext(block) {
  return h("div", {}, ...block.elements.map((element) =>
    element.type === "image" ? picture(element) : h("span", {}, ...words(element))));
}

export function drawDivider() {
  return h("hr");
}

export function drawAlert(block) {
  return h("div", { role: "note", class: `level-${block.level ?? "default"}` }, ...words(block.text));
}
