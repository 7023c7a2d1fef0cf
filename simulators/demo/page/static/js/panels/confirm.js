// "Are you sure?", where a button asks it.

import { h, replace } from "../dom.js";
import { words } from "../mrkdwn.js";

export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  const dialog = document.getElementById("confirm");
  return new Promise((resolve) => {
    const end = (answer) => { dialog.close(); resolve(answer); };
    replace(dialog,
      h("h2", { id: "confirm-title" }, confirm.title.text),
      h("div", {}, ...words(confirm.text)),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", on: { click: () => end(false) } }, confirm.deny.text),
        h("button", { type: "button", class: `button ${confirm.style ?? "primary"}`, on: { click: () => end(true) } }, confirm.confirm.text)));
    dialog.oncancel = () => resolve(false);
    dialog.showModal();
  });
}
