// The modal on top of what the person has open.

import { drawBlocks } from "../blocks/index.js";
import { h, replace } from "../dom.js";
import { follow } from "../mrkdwn.js";
import { on, state } from "../store.js";
import { step } from "../wire.js";
import { confirmed } from "./confirm.js";

const dialog = document.getElementById("modal");
let fields = new Map();
let shown = null;
const typedIn = new Map(); // by view: what it held when another came to lie over it

export function startModal() {
  for (const what of ["everything", "modal"]) on(what, show);
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); dismiss(); });
}

function show() {
  const view = state.modal;
  if (!view) {
    shown = null;
    typedIn.clear();
    if (dialog.open) dialog.close();
    return;
  }
  if (shown?.id === view.id && shown?.hash === view.hash) return;
  if (shown) typedIn.set(shown.id, new Map([...fields.values()].map((field) => [field.action, field.read()])));
  const typed = typedIn.get(view.id) ?? new Map();
  const focused = dialog.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  shown = view;
  fields = new Map();
  const place = { surface: "modal", channel: view.channel, fields, typed, press, search };
  const form = h("form", { novalidate: true },
    h("div", { class: "panel-head" }, h("h2", { id: "modal-title" }, view.title.text),
      h("button", { type: "button", class: "quiet", "aria-label": "Close", on: { click: dismiss } }, "✕")),
    h("div", { class: "modal-body" }, ...drawBlocks(view.blocks, place)),
    h("div", { class: "dialog-buttons" },
      h("button", { type: "button", class: "button", on: { click: dismiss } }, view.close?.text ?? "Cancel"),
      view.submit ? h("button", { type: "submit", class: "button primary" }, view.submit.text) : null));
  form.addEventListener("submit", submit);
  replace(dialog, form);
  if (!dialog.open) dialog.showModal();
  const again = focused && [...dialog.querySelectorAll("[data-key]")].find((each) => each.dataset.key === focused);
  (again || dialog.querySelector(".modal-body input, .modal-body select, .modal-body textarea"))?.focus();
}

async function press(block, element, value) {
  follow(element.url);
  if (element.action_id && (await confirmed(element.confirm))) {
    await step({ press: element.action_id, value, label: element.text?.text ?? null, on: "modal",
      filled: Object.fromEntries([...fields].map(([key, field]) => [key, field.read()])) });
  }
}

async function search(element, typed) {
  return (await step({ search: element.action_id, typed, on: "modal" })).suggestions;
}

async function submit(event) {
  event.preventDefault();
  const values = Object.fromEntries([...fields].map(([key, field]) => [key, field.read()]));
  const { errors } = await step({ submit: values });
  showErrors(errors ?? {});
}

function showErrors(errors) {
  let first = null;
  for (const block of dialog.querySelectorAll(".block-input")) {
    const words = errors[block.dataset.block] ?? "";
    const field = fields.get(block.dataset.block)?.node;
    block.querySelector(".error").textContent = words;
    if (words) {
      field?.setAttribute("aria-invalid", "true");
      first ??= field;
    } else {
      field?.removeAttribute("aria-invalid");
    }
  }
  first?.focus();
}

function dismiss() {
  step({ dismiss: "modal" });
}
