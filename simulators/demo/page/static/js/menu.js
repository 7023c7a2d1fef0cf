// A menu: opened with a press, walked with the arrows, left with Escape.

import { h, newId } from "./dom.js";

// `items`: what each says (text, and a hint) and does.
export function menu(label, mark, items, props = {}) {
  const id = newId("menu");
  const entries = items.map((item) => h("button", {
    type: "button",
    role: "menuitem",
    tabindex: "-1",
    on: { click: () => { close(); item.choose(); } },
  }, item.text, item.hint ? h("span", { class: "hint" }, item.hint) : null));
  const list = h("div", { id, role: "menu", hidden: true, "aria-label": label }, ...entries);
  const opener = h("button", {
    type: "button",
    class: "button",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "aria-controls": id,
    "aria-label": label,
    ...props,
    on: { click: () => (list.hidden ? open() : close()) },
  }, mark);
  const open = () => {
    list.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    entries[0]?.focus();
  };
  const close = () => {
    list.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  };
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      entries.at((entries.indexOf(document.activeElement) + step) % entries.length).focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      close();
    }
  });
  const box = h("span", { class: "overflow" }, opener, list);
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) {
      list.hidden = true;
      opener.setAttribute("aria-expanded", "false");
    }
  });
  return box;
}
