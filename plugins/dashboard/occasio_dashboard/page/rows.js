/** A list of rows: live at its top, and a page of the past at a time, so that a million rows are as quick as ten. */

import { get } from "./connection.js";
import { button, element, foreign } from "./elements.js";
import { clock, money, when, whole } from "./words.js";

const NARROW = matchMedia("(max-width: 60rem)"); // what stands beside the list is then below it
const PAGE = 100;
const LISTED = 200; // rows of a live list; older ones are a page away
const MOST_ADDED = 500; // rows of a run that goes on
const FEW = 20; // of both, where it is narrow

export const SHOWN = {
  calls: ["Calls", (row) => row.kind === "tool_call"],
  blocked: ["Blocked", (row) => row.kind === "tool_call" && row.what === "BLOCK"],
  requests: ["Requests", (row) => row.kind === "request"],
  findings: ["Findings", (row) => row.kind === "finding"],
  approvals: ["Approvals", (row) => row.kind.startsWith("approval_")],
  all: ["All rows", () => true],
};
const CLASSES = ["PASS", "LOCAL", "TRANSFORM", "BLOCK", "withheld", "transform", "high", "medium", "low", "info", "denied", "granted"];

/** The newest rows of all runs, live; `older` goes back. */
export class LiveRows {
  constructor() {
    this.show = "calls";
    this.pending = [];
    this.isLive = true;
    this.asked = 0; // how often was asked for rows: what comes late for an older question is left alone
    this.isAsking = false;
    this.list = element("ol.list.events", { "aria-label": "Decisions, the newest first" });
    this.count = element("p.quiet");
    this.held = button("", () => this.look(), { hidden: "" });
    this.pause = button("Pause", () => this.setPaused(this.pause.getAttribute("aria-pressed") !== "true"), { "aria-pressed": "false" });
    this.older = button("Older", () => this.look(this.last));
    this.newer = button("Back to the newest", () => this.look(), { hidden: "" });
    this.filters = filters(this.show, (show) => {
      this.show = show;
      this.pending = [];
      this.look();
    });
    this.node = element(
      "section.card.stream",
      { "aria-labelledby": "stream-title" },
      element("h2", { id: "stream-title" }, "Decisions"),
      element("div.bar", {}, ...this.filters, element("span.spring"), this.pause),
      element("div.bar.held", {}, this.held),
      this.list,
      element("div.bar", {}, this.newer, this.older, this.count),
    );
  }

  /** As `load`; what goes wrong is told where the number of rows stands. */
  look(before) {
    return this.load(before).catch((error) => this.count.replaceChildren(foreign(error.message, { tag: "span" })));
  }

  /** Show the newest rows, or those before the row `before`; what the stream tells meanwhile is drawn afterwards. */
  async load(before) {
    const about = before === undefined ? {} : { before };
    const asked = ++this.asked;
    this.isAsking = true;
    this.isLive ||= before === undefined; // what comes from now on belongs to the list
    let found;
    try {
      found = await get("rows", { show: this.show, limit: NARROW.matches ? FEW : PAGE, ...about });
    } finally {
      if (asked === this.asked) this.isAsking = false;
    }
    if (asked !== this.asked) return;
    const { rows, more } = found;
    this.isLive = before === undefined;
    this.pending = this.isLive ? this.pending.filter((row) => row.seq > (rows[0]?.seq ?? -1)) : [];
    this.list.replaceChildren(...rows.map((row) => item(row)));
    this.list.scrollTop = 0;
    if (rows.length === 0) this.list.replaceChildren(element("li.quiet.none", {}, "Nothing of this kind yet."));
    this.older.hidden = !more;
    this.newer.hidden = this.isLive;
    this.draw();
    this.told();
  }

  /** Take up rows of the stream, the newest last; drawn once for each frame. */
  hear(rows) {
    if (!this.isLive) return;
    const wanted = rows.filter((row) => SHOWN[this.show][1](row) && row.seq > this.first);
    if (wanted.length === 0) return;
    const wasEmpty = this.pending.length === 0;
    this.pending.push(...wanted);
    if (this.pending.length > LISTED) this.pending.splice(0, this.pending.length - LISTED);
    if (wasEmpty || this.isHeld) requestAnimationFrame(() => this.draw());
  }

  /** The stream had broken off: look anew, unless somebody is reading. */
  async again() {
    if (!this.isLive) return;
    if (!this.isHeld) return this.load();
    this.held.hidden = false;
    this.held.textContent = "Show what is new";
  }

  draw() {
    if (this.isAsking) return;
    if (this.isHeld && this.pending.length > 0) {
      this.held.hidden = false;
      this.held.textContent = `Show ${this.pending.length >= LISTED ? `${LISTED} or more` : whole(this.pending.length)} new`;
      return;
    }
    this.held.hidden = true;
    if (this.pending.length === 0) return;
    this.list.querySelector(".none")?.remove();
    const fragment = document.createDocumentFragment();
    for (const row of this.pending.reverse()) if (row.seq > this.first) fragment.append(item(row));
    this.pending = [];
    this.list.prepend(fragment);
    const most = NARROW.matches ? FEW : LISTED;
    if (this.list.childElementCount > most) this.older.hidden = false;
    while (this.list.childElementCount > most) this.list.lastElementChild.remove();
    this.told();
  }

  /** Whether somebody is reading: rows then do not move under her eyes or her focus. */
  get isHeld() {
    const { list, pause } = this;
    const isRead = list.scrollTop > 0 || list.contains(document.activeElement) || list.querySelector("details[open]") !== null;
    return isRead || pause.getAttribute("aria-pressed") === "true";
  }

  get first() {
    return Number(this.list.firstElementChild?.dataset.seq ?? -1);
  }

  get last() {
    return Number(this.list.lastElementChild?.dataset.seq ?? 0);
  }

  setPaused(paused) {
    this.pause.setAttribute("aria-pressed", String(paused));
    this.draw();
  }

  told() {
    const listed = this.list.querySelectorAll("[data-seq]").length;
    this.count.textContent = this.isLive ? `${whole(listed)} shown, live` : `${whole(listed)} shown`;
  }
}

/** The rows of one run from its first, a page at a time. */
export function runRows(run) {
  const list = element("ol.list.events", { "aria-label": "Timeline, the oldest first" });
  const more = button("Show more", () => look(), { hidden: "" });
  const problem = element("p.warning", { role: "status" });
  const look = () => grow().then(() => problem.replaceChildren(), (error) => problem.replaceChildren(foreign(error.message)));
  let show = "all";
  let last = -1;
  const grow = async () => {
    const found = await get("rows", { run, show, after: last, limit: PAGE });
    if (found.rows.length > 0) list.querySelector(".none")?.remove();
    list.append(...found.rows.map((row) => item({ ...row, run: null })));
    if (list.childElementCount === 0) list.append(element("li.quiet.none", {}, "Nothing of this kind in this run."));
    last = found.rows.at(-1)?.seq ?? last;
    more.hidden = !found.more;
  };
  const bar = filters(show, (chosen) => {
    show = chosen;
    last = -1;
    list.replaceChildren();
    look();
  });
  const node = element("section.card", { "aria-labelledby": "timeline" }, element("h2", { id: "timeline" }, "Timeline"), element("div.bar", {}, ...bar), list, problem, element("div.bar", {}, more));
  /** The run has gone on: its rows are added, unless there are many. */
  const hear = () => {
    if (more.hidden && list.childElementCount < MOST_ADDED) return grow();
    more.hidden = false;
  };
  return { node, grow, hear };
}

function filters(chosen, choose) {
  const made = Object.entries(SHOWN).map(([show, [name]]) =>
    button(
      name,
      () => {
        for (const filter of made) filter.setAttribute("aria-pressed", String(filter.dataset.show === show));
        choose(show);
      },
      { "aria-pressed": String(show === chosen), "data-show": show },
    ),
  );
  return made;
}

/** One row; all that it says is asked for when it is opened. */
export function item(row) {
  const summary = element(
    "summary",
    {},
    element("time", { datetime: row.at, title: row.at }, clock(row.at)),
    foreign(row.what, { tag: `span.action.${CLASSES.includes(row.what) ? row.what : "other"}` }),
    foreign(row.title, { tag: "span.code.title" }),
    element("span.about", {}, ...about(row)),
  );
  const details = element("details", {}, summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(body(row));
  });
  return element("li", { "data-seq": String(row.seq) }, details);
}

function about(row) {
  const parts = [foreign(row.text)];
  if (row.kind === "request") {
    const cost = typeof row.cost_micro_usd === "number" ? `, ${money(row.cost_micro_usd)}` : ", no price known";
    parts.push(`${whole(row.tokens_in)} tokens in, ${whole(row.tokens_out)} out${cost}`);
  }
  if (row.what !== "BLOCK") return parts;
  parts.push(element("span.why", {}, "refused by ", foreign(row.rule ?? row.reason)));
  if (row.todo) parts.push(element("span.todo", {}, "To unblock: ", foreign(row.todo)));
  return parts;
}

function body(row) {
  const made = element("div.body", {}, element("p.quiet", {}, "reading the row …"));
  const link = row.run ? element("p", {}, element("a", { href: `#/runs/${encodeURIComponent(row.run)}` }, "The run of this row")) : "";
  get(`rows/${row.seq}`).then(
    ({ row: all, view }) => {
      const named = [["Why", view.reason], ["Rule", view.rule], ["The model was told", view.message], ["What to do", view.todo]].filter(([, text]) => text);
      made.replaceChildren(
        ...named.map(([name, text]) => element("p", {}, element("strong", {}, `${name}: `), foreign(text))),
        link,
        element("p.quiet", {}, `Row ${row.seq} of ${when(row.at)}, as it stands in the log:`),
        foreign(JSON.stringify(all, null, 2), { tag: "pre", lines: true }),
      );
      made.querySelector("pre").tabIndex = 0;
    },
    (error) => made.replaceChildren(element("p.warning", {}, foreign(error.message))),
  );
  return made;
}
