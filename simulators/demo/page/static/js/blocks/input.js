// input: a label, what is filled in, a hint, and what is wrong with it.

import { h, newId } from "../dom.js";
import { drawElement } from "../elements/index.js";

export function drawInput(block, place) {
  const label = newId("label");
  const hint = newId("hint");
  const error = newId("error");
  const named = { labelledBy: label, describedBy: `${hint} ${error}`, dispatches: block.dispatch_action };
  return h("div", { data: { block: block.block_id ?? "" } },
    h("div", { id: label, class: "input-label" }, block.label.text,
      block.optional ? h("span", { class: "optional" }, " (optional)") : null),
    drawElement(block.element, block, { ...place, ...named, isInput: true }),
    h("div", { id: hint, class: "hint" }, block.hint?.text ?? ""),
    h("div", { id: error, class: "error", role: "alert" }));
}
