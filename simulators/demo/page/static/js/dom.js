// Elements without markup in strings: whatever comes from outside is only ever text.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else if (name === "value" || name === "checked" || name === "selected") {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

let numbers = 0;

export function newId(prefix) {
  numbers += 1;
  return `${prefix}-${numbers}`;
}

export function replace(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

// Put new content in place of old without taking the keyboard's focus away from it.
export function replaceKeepingFocus(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  old.replaceWith(fresh);
  if (!focused) return;
  const again = [...fresh.querySelectorAll("[data-key]")].find((each) => each.dataset.key === focused);
  (again ?? fresh.querySelector("button, input, select, [tabindex]"))?.focus();
}
