// actions and context_actions: rows of things to press.

import { h } from "../dom.js";
import { drawElement } from "../elements/index.js";

export function drawActions(block, place) {
  return h("div", {}, ...block.elements.map((element) => drawElement(element, block, place)));
}

export function drawContextActions(block, place) {
  return h("div", {}, ...block.elements.map((element) => drawElement(element, block, place)));
}
