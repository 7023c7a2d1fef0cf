// Menus: with options of their own, and of people, channels and conversations.

import { h } from "../dom.js";
import { state } from "../store.js";
import { hold, initialOf, named } from "./field.js";

export function drawStatic(element, block, place) {
  const initial = element.initial_options?.map((option) => option.value) ?? [element.initial_option?.value];
  const option = (each) => ({ value: each.value, label: each.text.text });
  const groups = element.option_groups?.map((group) => ({ label: group.label.text, options: group.options.map(option) }));
  return menu(element, block, place, groups ?? [{ options: (element.options ?? []).map(option) }], initial);
}

export function drawSource(element, block, place) {
  const kind = element.type.replace(/^multi_|_select$/g, "").replace(/_select$/, "");
  const include = kind === "channels" ? ["public"] : element.filter?.include ?? ["public", "private", "im"];
  const people = Object.values(state.people).filter((person) => !person.bot && !person.gone)
    .map((person) => ({ value: person.id, label: person.real_name }));
  const channels = state.channels.filter((channel) => include.includes(channel.kind) && channel.kind !== "im" && !channel.archived)
    .map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
  const options = kind === "users" ? people : include.includes("im") ? [...channels, ...people] : channels;
  const current = element.default_to_current_conversation ? place.channel : undefined;
  const initial = element[`initial_${kind}`] ?? [element[`initial_${kind.slice(0, -1)}`] ?? current];
  return menu(element, block, place, [{ options }], initial);
}

function menu(element, block, place, groups, initial) {
  const isMany = element.type.startsWith("multi_");
  const chosen = [initialOf(element, block, place, initial)].flat();
  const option = ({ value, label }) => h("option", { value, selected: chosen.includes(value) }, label);
  const choices = groups.flatMap(({ label, options }) =>
    label ? [h("optgroup", { label }, ...options.map(option))] : options.map(option));
  const empty = isMany ? [] : [h("option", { value: "" }, element.placeholder?.text ?? "Choose")];
  const node = h("select", { ...named(element, block, place), multiple: isMany, size: isMany ? Math.min(4, choices.length) : null }, ...empty, ...choices);
  const read = () => (isMany ? [...node.selectedOptions].map((each) => each.value) : node.value || null);
  return hold(node, element, block, place, read);
}
