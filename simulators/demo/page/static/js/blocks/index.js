// One renderer for each type of block. What is not known here is shown as such, never dropped.

import { h } from "../dom.js";
import { drawActions, drawContextActions } from "./actions.js";
import { drawCard, drawCarousel } from "./card.js";
import { drawChart } from "./chart.js";
import { drawContainer } from "./container.js";
import { drawImage } from "./image.js";
import { drawInput } from "./input.js";
import { drawMarkdown } from "./markdown.js";
import { drawRichText } from "./rich_text.js";
import { drawSection } from "./section.js";
import { drawDataTable, drawTable } from "./table.js";
import { drawAlert, drawContext, drawDivider, drawHeader } from "./text.js";

export const BLOCKS = {
  actions: drawActions,
  alert: drawAlert,
  card: drawCard,
  carousel: drawCarousel,
  container: drawContainer,
  context: drawContext,
  context_actions: drawContextActions,
  data_table: drawDataTable,
  data_visualization: drawChart,
  divider: drawDivider,
  header: drawHeader,
  image: drawImage,
  input: drawInput,
  markdown: drawMarkdown,
  rich_text: drawRichText,
  section: drawSection,
  table: drawTable,
};

export function drawBlocks(blocks, place) {
  return blocks.map((block) => drawBlock(block, place));
}

export function drawBlock(block, place) {
  const draw = BLOCKS[block?.type];
  if (!draw) return unknown(`block “${block?.type}”`, block);
  const drawn = draw(block, place);
  drawn.classList.add("block", `block-${block.type}`);
  return drawn;
}

export function unknown(what, content) {
  return h("details", { class: "unknown" },
    h("summary", {}, `This page can't draw the ${what}`),
    h("pre", { tabindex: "0" }, JSON.stringify(content, null, 2)));
}
