// The ⋯ menu: opened with a press, walked with the arrows, left with Escape.

import { h, newId } from "../dom.js";
import { follow } from "../mrkdwn.js";

export function drawOverflow(element, block, place) {
  const id = newId("menu");
  const items = element.options.map((option) => h("button", {
    type: "button",
    role: "menuitem",
    tabindex: "-1",
    on: { click: () => choose(option) },
  }, option.text.text, option.description ? h("span", { class: "hint" }, option.description.text) : null));
  const menu = h("div", { id, role: "menu", hidden: true, "aria-label": "More actions" }, ...items);
  const opener = h("button", {
    type: "button",
    class: "button",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "aria-controls": id,
    "aria-label": "More actions",
    data: { key: `${block.block_id}/${element.action_id}` },
    on: { click: () => (menu.hidden ? open() : close()) },
  }, "⋯");
  const open = () => {
    menu.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    items[0]?.focus();
  };
  const close = () => {
    menu.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  };
  const choose = (option) => {
    close();
    follow(option.url);
    place.press(block, element, option.value);
  };
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      close();
    }
  });
  const box = h("span", { class: "overflow" }, opener, menu);
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) {
      menu.hidden = true;
      opener.setAttribute("aria-expanded", "false");
    }
  });
  return box;
}
