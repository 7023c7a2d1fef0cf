// The ⋯ menu of a block.

import { menu } from "../menu.js";
import { follow } from "../mrkdwn.js";

export function drawOverflow(element, block, place) {
  const items = element.options.map((option) => ({
    text: option.text.text,
    hint: option.description?.text,
    choose: () => {
      follow(option.url);
      place.press(block, element, option.value);
    },
  }));
  return menu("More actions", "⋯", items, { data: { key: `${block.block_id}/${element.action_id}` } });
}
