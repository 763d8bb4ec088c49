/** Elements of a page, made of texts and never of markup: nothing that stands in a bundle is read as HTML. */

import { pieces } from "./visible.js";

/**
 * @param {string} tag with classes behind points, as `li.pass`
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children our own words, or elements
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length > 0) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * A text of others, isolated from its surroundings, with all that would not be seen named.
 * @param {string} text
 * @param {{tag?: string, lines?: boolean, most?: number}} [how]
 */
export function foreign(text, { tag = "span.code", ...how } = {}) {
  const parts = pieces(text, how).map((piece) =>
    piece.control ? element("span.control", {}, piece.text) : document.createTextNode(piece.text),
  );
  return element(tag, { dir: "ltr" }, ...parts);
}

/** @param {string} label @param {() => void} act */
export function button(label, act, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

/** A part of the report, with its heading. */
export function card(title, ...children) {
  const id = `part-${title.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  return element("section.card", { "aria-labelledby": id }, element("h2", { id }, title), ...children);
}
