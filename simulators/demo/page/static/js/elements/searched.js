// Menus that are searched: while one types, the app is asked for what fits.

import { h, newId, replace } from "../dom.js";
import { hold, initialOf, named } from "./field.js";

const PAUSE = 150;
const texts = new Map(); // by value, what was ever offered: a form that is drawn again knows only values

export function drawSearched(element, block, place) {
  const isMany = element.type.startsWith("multi_");
  const given = element.initial_options ?? (element.initial_option ? [element.initial_option] : []);
  learn(given);
  let chosen = [initialOf(element, block, place, given.map((option) => option.value))].flat().filter(Boolean);
  let active = -1;
  let asked = 0;

  const list = h("div", { id: newId("fitting"), class: "fitting", role: "listbox", hidden: true, "aria-label": "Matches" });
  const chips = h("span", { class: "chips" });
  const box = h("input", { type: "text", autocomplete: "off", role: "combobox", ...named(element, block, place),
    "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
    placeholder: element.placeholder?.text ?? "",
    on: { input: soon, focus: soon, keydown: key, blur: leave } });
  const node = h("span", { class: "searched" }, chips, box, list);
  hold(box, element, block, place, () => (isMany ? chosen : chosen[0] ?? null), "chosen");
  show();
  return node;

  function show() {
    if (!isMany) {
      box.value = chosen.length ? texts.get(chosen[0]) ?? chosen[0] : "";
      return;
    }
    replace(chips, ...chosen.map((value) => {
      const words = texts.get(value) ?? value;
      return h("button", { type: "button", class: "chip", "aria-label": `Remove ${words}`,
        on: { click: () => settle(chosen.filter((each) => each !== value)) } }, words, " ✕");
    }));
  }

  function settle(values) {
    chosen = values;
    show();
    box.dispatchEvent(new Event("chosen"));
  }

  function soon() {
    asked += 1;
    const number = asked;
    setTimeout(async () => {
      if (number !== asked || !box.isConnected) return;
      const typed = !isMany && box.value === texts.get(chosen[0]) ? "" : box.value;
      const groups = (await place.search?.(element, typed)) ?? [];
      if (number === asked && document.activeElement === box) offer(groups);
    }, PAUSE);
  }

  function offer(groups) {
    active = -1;
    const drawn = groups.filter(([, options]) => options.length).map(([label, options]) => {
      learn(options);
      const rows = options.map((option) => h("div", { id: newId("fits"), role: "option", "aria-selected": "false",
        data: { value: option.value },
        on: { mousedown: (event) => { event.preventDefault(); choose(option.value); } } }, option.text.text));
      if (!label) return rows;
      return h("div", { role: "group", "aria-label": label }, h("div", { class: "group", role: "presentation" }, label), ...rows);
    });
    replace(list, ...(drawn.length ? drawn : [h("div", { class: "group", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "No results")]));
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  }

  function hide() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function choose(value) {
    hide();
    asked += 1;
    if (isMany) box.value = "";
    settle(isMany ? [...new Set([...chosen, value])] : [value]);
  }

  function leave() {
    asked += 1;
    hide();
    if (isMany) box.value = "";
    else if (!box.value) settle([]);
    else show();
  }

  function mark(step) {
    const rows = [...list.querySelectorAll("[data-value]")];
    if (!rows.length) return;
    active = (Math.max(active + step, step < 0 && active < 0 ? -1 : 0) + rows.length) % rows.length;
    rows.forEach((row, i) => row.setAttribute("aria-selected", String(i === active)));
    rows[active].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", rows[active].id);
  }

  function key(event) {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark(1);
    else if (event.key === "ArrowUp") mark(-1);
    else if (event.key === "Enter" && active >= 0) choose(list.querySelectorAll("[data-value]")[active].dataset.value);
    else if (event.key === "Escape") { event.stopPropagation(); hide(); }
    else return;
    event.preventDefault();
  }
}

function learn(options) {
  for (const option of options) texts.set(option.value, option.text.text);
}
