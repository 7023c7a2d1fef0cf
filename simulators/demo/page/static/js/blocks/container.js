// container: blocks in a box, which may be folded.

import { h } from "../dom.js";
import { drawBlocks } from "./index.js";

export function drawContainer(block, place) {
  const title = [block.title?.text, block.subtitle?.text].filter(Boolean).join(" · ");
  const children = drawBlocks(block.child_blocks, place);
  if (block.is_collapsible) {
    return h("details", { open: !block.default_collapsed }, h("summary", {}, title || "More"), ...children);
  }
  return h("div", {}, title ? h("h3", {}, title) : null, ...children);
}
