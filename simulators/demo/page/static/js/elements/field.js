// What all elements that hold a value have in common: a name, a place in the form, a press.

// How screen readers call an element, and where it stands in a form.
export function named(element, block, place) {
  const common = { data: { key: `${block.block_id}/${element.action_id}` } };
  if (place.isInput) {
    return { ...common, "aria-labelledby": place.labelledBy, "aria-describedby": place.describedBy,
      "aria-required": block.optional ? null : "true" };
  }
  return { ...common, "aria-label": element.placeholder?.text ?? block.text?.text?.replace(/[*_`]/g, "") ?? "Choose" };
}

// Let the form know how to read this element; outside a form's inputs, a change is a press.
export function hold(node, element, block, place, read, event = "change") {
  const key = place.isInput ? block.block_id : element.action_id;
  place.fields?.set(key, { read, node, action: element.action_id });
  if (!place.isInput || place.dispatches) {
    node.addEventListener(event, () => place.press(block, element, read()));
  }
  return node;
}

export function initialOf(element, block, place, fallback) {
  const typed = place.typed?.get(element.action_id);
  return typed !== undefined ? typed : fallback;
}
