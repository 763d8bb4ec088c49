/** The timeline of a run: filtered, and a few hundred events at a time, so that a long run is as quick as a short one. */

import { button, card, element, foreign } from "./elements.js";

const PAGE = 300;
const FILTERS = {
  Calls: (event) => event.kind === "tool_call" || event.kind === "tool_result",
  Blocked: isBlocked,
  "All rows": () => true,
};

/** @param {import("./events.js").Event} event */
export function isBlocked(event) {
  return event.kind === "tool_call" && event.what === "BLOCK";
}

/** @param {import("./events.js").Event[]} events @returns {HTMLElement} */
export function timeline(events) {
  const list = element("ol.list.events");
  const count = element("p.quiet", { role: "status" });
  const more = button("Show more", () => grow(), { hidden: "" });
  const search = element("input", { type: "search", placeholder: "Find a tool, path, rule or anything in a row", "aria-label": "Find in rows" });
  let shown = [];
  let drawn = 0;

  const grow = () => {
    const next = shown.slice(drawn, drawn + PAGE);
    list.append(...next.map((event) => item(event)));
    drawn += next.length;
    more.hidden = drawn >= shown.length;
    count.textContent = `${drawn} of ${shown.length} shown, ${events.length} rows in all`;
  };
  const filters = Object.keys(FILTERS).map((name) => button(name, () => choose(name)));
  const choose = (name) => {
    for (const filter of filters) filter.setAttribute("aria-pressed", String(filter.textContent === name));
    const wanted = search.value.toLowerCase();
    shown = events.filter((event) => FILTERS[name](event) && (wanted === "" || event.json.toLowerCase().includes(wanted)));
    list.replaceChildren();
    drawn = 0;
    grow();
  };
  search.addEventListener("input", () => choose(filters.find((filter) => filter.ariaPressed === "true").textContent));
  choose("Calls");
  return card("Timeline", element("div.bar", {}, ...filters, search), count, list, more);
}

/** One event; what is in it is made when it is opened. */
export function item(event) {
  const details = element(
    "details",
    {},
    element(
      "summary",
      {},
      element("span.time", {}, timeOf(event.at)),
      foreign(event.what, { tag: `span.action.${CLASSES.includes(event.what) ? event.what : "other"}` }),
      foreign(event.title, LINE),
      foreign(event.text, LINE),
    ),
  );
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(bodyOf(event));
  });
  return element("li", {}, details);
}

/** What stands in a line of the list; all of it stands in the row, which opens below. */
const LINE = { most: 400 };
const CLASSES = ["PASS", "LOCAL", "TRANSFORM", "BLOCK", "withheld", "transform"];

function bodyOf(event) {
  const named = event.more.map(([name, value]) => element("p", {}, element("strong", {}, `${name}: `), foreign(value)));
  return element("div.body", {}, ...named, element("p.quiet", {}, `row ${event.row}, as it stands in the bundle:`), foreign(event.json, { tag: "pre" }));
}

function timeOf(at) {
  if (at === null) return "no time";
  return `${at < 0 ? "−" : "+"}${(Math.abs(at) / 1000).toFixed(1)} s`;
}
