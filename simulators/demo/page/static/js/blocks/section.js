// section: text, fields in two columns, and an accessory.

import { h } from "../dom.js";
import { drawElement } from "../elements/index.js";
import { words } from "../mrkdwn.js";

export function drawSection(block, place) {
  const text = block.text ? h("div", { class: "section-text" }, ...words(block.text)) : null;
  const fields = block.fields
    ? h("div", { class: "fields" }, ...block.fields.map((field) => h("div", {}, ...words(field))))
    : null;
  const accessory = block.accessory
    ? h("div", { class: "accessory" }, drawElement(block.accessory, block, place))
    : null;
  return h("div", {}, h("div", { class: "section-body" }, text, fields), accessory);
}
