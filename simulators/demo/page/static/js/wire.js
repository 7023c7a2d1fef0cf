// The line to the demo: one stream of what happens, one address to do things at.

import { state, takeEverything, takeMessage, takeSurroundings, tell } from "./store.js";
import { toast } from "./panels/toast.js";

let stream = null;

export function listenAs(who) {
  stream?.close();
  stream = new EventSource(`events?as=${encodeURIComponent(who)}`);
  const take = (name, work) => stream.addEventListener(name, (event) => work(JSON.parse(event.data)));
  take("everything", takeEverything);
  take("message", takeMessage);
  take("surroundings", takeSurroundings);
  take("home", (home) => { state.home = home; tell("home"); });
  take("modal", (modal) => { state.modal = modal; tell("modal"); });
  take("channels", (channels) => { state.channels = channels; tell("channels"); });
  stream.onopen = () => tell("line", true);
  stream.onerror = () => tell("line", false);
}

export function step(content) {
  return post("do", { as: state.me, ...content });
}

// Slack's own errors are one word; the demo's are sentences.
function inWords(failure) {
  return /\s/.test(failure) ? failure : `Slack says: ${failure}`;
}

export async function post(where, content) {
  tell("busy", 1);
  try {
    const response = await fetch(where, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(content),
    });
    const outcome = await response.json();
    if (outcome.surroundings) takeSurroundings(outcome.surroundings);
    if (outcome.failure) toast(inWords(outcome.failure));
    return outcome;
  } catch {
    toast("The demo doesn't answer. Is it still running?");
    return { failure: "no answer", errors: {} };
  } finally {
    tell("busy", -1);
  }
}
