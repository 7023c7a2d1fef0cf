// card and carousel.

import { h } from "../dom.js";
import { drawElement } from "../elements/index.js";
import { words } from "../mrkdwn.js";
import { picture } from "./image.js";

export function drawCard(block, place) {
  return h("div", { class: "card" },
    block.hero_image ? picture(block.hero_image) : null,
    block.icon ? picture(block.icon) : null,
    block.title ? h("div", { class: "card-title" }, ...words(block.title)) : null,
    block.subtitle ? h("div", { class: "hint" }, ...words(block.subtitle)) : null,
    block.body ? h("div", {}, ...words(block.body)) : null,
    block.subtext ? h("div", { class: "hint" }, ...words(block.subtext)) : null,
    block.actions ? h("div", { class: "block-actions" },
      ...block.actions.map((action) => drawElement(action, block, place))) : null);
}

export function drawCarousel(block, place) {
  return h("div", { role: "group", "aria-label": "Cards" }, ...block.elements.map((card) => drawCard(card, place)));
}
