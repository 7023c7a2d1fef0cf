// The message box; a slash offers what can be asked.

import { h, replace } from "../dom.js";
import { menu } from "../menu.js";
import { channel, on, state } from "../store.js";
import { step } from "../wire.js";

const form = document.getElementById("composer");
const history = [];
let box = null;
let list = null;
let lightning = null;
let active = -1;

export function startComposer() {
  list = h("ul", { id: "suggestions", role: "listbox", "aria-label": "Suggestions", hidden: true });
  box = h("input", {
    id: "composer-box", type: "text", autocomplete: "off", role: "combobox", "aria-label": "Message",
    "aria-expanded": "false", "aria-controls": "suggestions", "aria-autocomplete": "list",
    on: { input: suggest, keydown: key, blur: () => setTimeout(hide, 150) },
  });
  lightning = h("span");
  replace(form, list, lightning, box, h("button", { class: "button primary", id: "send" }, "Send"));
  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  for (const what of ["everything", "place"]) on(what, show);
  on("busy", busy);
}

function show() {
  const here = channel(state.here);
  form.hidden = !here;
  replace(lightning, menu("Shortcuts", "⚡", state.shortcuts.filter((each) => each.kind === "global").map(({ title, name }) =>
    ({ text: title, hint: "aicost", choose: () => step({ shortcut: name }) })), { class: "quiet" }));
  box.disabled = Boolean(here?.archived);
  box.placeholder = here?.archived ? "This channel is archived" : `Message ${here?.kind === "im" ? "aicost" : `#${here?.name ?? ""}`}, or type /`;
}

let under = 0;

function busy(change) {
  under += change;
  document.body.classList.toggle("busy", under > 0);
  form.setAttribute("aria-busy", String(under > 0));
}

function send() {
  const words = box.value.trim();
  if (!words) return;
  history.push(words);
  box.value = "";
  hide();
  step({ say: words, in: state.here });
}

function suggest() {
  const typed = box.value.toLowerCase();
  const fits = typed.startsWith("/")
    ? state.commands.filter(({ words }) => words.startsWith(typed) || words.includes(typed.replace(/^\/(aicost )?/, "")))
    : [];
  active = -1;
  replace(list, ...fits.slice(0, 9).map(({ words, hint }, i) =>
    h("li", { id: `suggestion-${i}`, role: "option", "aria-selected": "false",
      on: { mousedown: (event) => { event.preventDefault(); choose(words); } } },
      h("code", {}, words), h("span", { class: "hint" }, ` ${hint}`))));
  list.hidden = !fits.length;
  box.setAttribute("aria-expanded", String(!list.hidden));
  box.removeAttribute("aria-activedescendant");
}

function hide() {
  list.hidden = true;
  active = -1;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

function choose(words) {
  box.value = words;
  hide();
  box.focus();
}

function mark(index) {
  const options = [...list.children];
  active = (index + options.length) % options.length;
  options.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
  options[active].scrollIntoView({ block: "nearest" });
  box.setAttribute("aria-activedescendant", options[active].id);
}

function key(event) {
  const isOpen = !list.hidden;
  if (event.key === "ArrowDown" && isOpen) mark(active + 1);
  else if (event.key === "ArrowUp" && isOpen) mark(active < 0 ? -1 : active - 1);
  else if (event.key === "ArrowUp" && !box.value && history.length) box.value = history.at(-1);
  else if ((event.key === "Enter" || event.key === "Tab") && isOpen && active >= 0) choose(list.children[active].querySelector("code").textContent);
  else if (event.key === "Escape" && isOpen) hide();
  else return;
  event.preventDefault();
}
