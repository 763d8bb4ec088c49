/** The page: which of its views is shown, and what the stream says to each. */

import { Approvals } from "./approvals.js";
import { Charts } from "./charts.js";
import { follow, get, opened } from "./connection.js";
import { card, element, foreign } from "./elements.js";
import { LiveRows } from "./rows.js";
import { runPage, runsPage, shortList } from "./runs.js";
import { counted, money, short, when, whole } from "./words.js";

const content = document.getElementById("content");
const alerts = document.getElementById("alerts");
const ANNOUNCED_EVERY = 10_000; // milliseconds: a stream is no speech

const approvals = new Approvals(announce);
const warning = element("p.banner", { role: "alert", hidden: "" });
let state = null;
let view = null;
let unheard = { calls: 0, blocked: 0 };

/** Tiles, charts, the stream and what stands beside it. */
function overview() {
  const tiles = element("dl.tiles");
  const charts = new Charts();
  const rows = new LiveRows();
  const runs = element("div");
  const findings = element("div");
  const log = element("div");
  const beside = element("div.beside", {}, card("Last runs", runs, element("p", {}, element("a", { href: "#/runs" }, "All runs"))), card("Findings", findings), card("Log", log));
  const node = element("div", {}, element("h2.unseen", {}, "In sum"), tiles, charts.node, element("div.two", {}, rows.node, beside));
  return {
    node,
    load: () => Promise.all([charts.load(), rows.load()]),
    again: () => Promise.all([charts.load(), rows.again()]).catch(() => {}),
    rows: (heard, skipped) => (skipped > 0 && rows.isLive ? rows.load() : rows.hear(heard)),
    state: (now, before) => {
      tiles.replaceChildren(...summed(now.counters));
      runs.replaceChildren(shortList(now.runs.slice(0, 8)));
      findings.replaceChildren(found(now.findings));
      log.replaceChildren(logged(now.health));
      if (before && before.counters.rows !== now.counters.rows) charts.stir();
    },
    close: () => charts.close(),
  };
}

function summed(sums) {
  const tokensIn = sums.input_tokens + sums.cache_read_tokens + sums.cache_write_tokens;
  const unpriced = sums.unpriced ? `${whole(sums.unpriced)} without a price` : "";
  const tiles = [
    ["calls", whole(sums.calls), `${whole(sums.passed)} passed`],
    ["blocked", whole(sums.blocked), sums.hook_denied ? `and ${whole(sums.hook_denied)} by hooks` : `of ${counted(sums.calls, "call")}`, sums.blocked ? "BLOCK" : ""],
    ["run here", whole(sums.local + sums.transformed), `${whole(sums.transformed)} transformed`],
    ["secrets kept", whole(sums.secrets + sums.told_secrets), `${whole(sums.results_withheld)} withheld`],
    ["tokens", short(tokensIn + sums.output_tokens), `${short(tokensIn)} in, ${short(sums.output_tokens)} out`],
    ["cost", money(sums.cost_micro_usd), unpriced || counted(sums.requests, "request")],
    ["findings", whole(sums.findings), counted(sums.limits, "limit") + " passed"],
    ["runs", whole(sums.runs), `${whole(sums.runs - sums.ended_runs)} open`],
  ];
  return tiles.map(([name, number, more, tone]) => element("div", {}, element("dt", {}, name), element(`dd${tone ? `.${tone}` : ""}`, {}, number), element("dd.quiet", {}, more)));
}

function found(findings) {
  if (findings.length === 0) return element("p.quiet", {}, "No detector has found anything.");
  const item = (row) =>
    element(
      "li",
      {},
      foreign(row.what, { tag: `span.action.${["high", "medium", "low", "info"].includes(row.what) ? row.what : "other"}` }),
      " ",
      element("strong", {}, foreign(row.title, { tag: "span" })),
      element("span.quiet", {}, ` ${when(row.at)}`),
      element("p", {}, foreign(row.text, { tag: "span" })),
      element("p.quiet", {}, foreign(row.tags.join(", "), { tag: "span" }), " ", row.run ? element("a", { href: `#/runs/${encodeURIComponent(row.run)}` }, "its run") : ""),
    );
  return element("ul.list.findings", {}, ...findings.map(item));
}

const COMPARED = {
  extended: "the log extends it",
  none: "none was made yet",
  "not-compared": "not compared yet",
  "log-truncated": "the log was cut",
  "checkpoint-root": "the log does not extend it",
  unreadable: "it cannot be read",
};

function logged(health) {
  if (!health.exists) return element("p.quiet", {}, "There is no log yet.");
  const mark = health.checkpoint;
  const rows = [
    ["rows", whole(health.rows)],
    ["last row", health.at ? when(health.at) : "—"],
    ["chain", health.damage ? `breaks at line ${whole(health.damage.line)}` : "every row verified"],
    ["last hash", foreign(health.last_hash ?? "—")],
    ["checkpoint", mark ? `over ${whole(mark.size)} rows` : "—"],
    ["compared", COMPARED[health.checkpoint_compared] ?? health.checkpoint_compared],
  ];
  return element("dl.facts", {}, ...rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

/** Show the view that the address names. */
async function route() {
  const [, page = "", id] = location.hash.replace(/^#/, "").split("/").map(decodeURIComponent);
  view?.close?.();
  view = page === "runs" ? (id ? runPage(id) : runsPage()) : overview();
  content.replaceChildren(view.node);
  for (const link of document.querySelectorAll("nav a")) {
    const isHere = link.getAttribute("href") === (page === "runs" ? "#/runs" : "#/");
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (state) view.state?.(state, null);
  try {
    await view.load();
  } catch (error) {
    content.prepend(element("p.banner.bad", { role: "alert" }, foreign([error.message, error.hint].filter(Boolean).join(" — "))));
  }
}

function hear(name, data) {
  switch (name) {
    case "connected": // from here on the stream tells of every row, so what is asked for now leaves no gap
      told("live", "Live");
      if (view) view.again?.();
      else route();
      return get("state").then((now) => show(now)).catch(() => {});
    case "lost":
      route();
      return get("state").then((now) => show(now)).catch(() => {});
    case "rows":
      view?.rows?.(data.rows, data.skipped);
      return count(data.rows);
    case "state":
      return show(data);
    case "broken":
      return told("gone", "Not connected; trying again …");
    case "refused":
      return refused(data);
  }
}

function show(now) {
  const before = state;
  state = now;
  approvals.show(now.approvals);
  const text = now.problem ?? now.health.warning;
  warning.hidden = !text;
  warning.classList.toggle("bad", Boolean(text));
  if (text && warning.textContent !== text) warning.replaceChildren(foreign(text, { tag: "span" }));
  const sound = now.health.sound && !now.problem;
  const health = document.getElementById("health");
  health.replaceChildren(element(`span.state.${sound ? "ended" : "gone"}`, {}, sound ? `${whole(now.health.rows)} rows verified` : "the log is damaged"));
  view?.state?.(now, before);
  const changed = before ? now.runs.filter((run) => JSON.stringify(run) !== JSON.stringify(before.runs.find((one) => one.run === run.run))) : [];
  if (changed.length > 0) view?.hear?.(changed)?.catch(() => {}); // the next state tells of them again
}

function told(kind, text) {
  const place = document.getElementById("link");
  if (place.textContent !== text) place.replaceChildren(element(`span.state.${kind}`, { role: "status" }, text));
}

function refused(error) {
  told("gone", "Not connected");
  content.replaceChildren(
    element(
      "section.card",
      {},
      element("h2", {}, "This page is not open"),
      element("p", { role: "alert" }, foreign(error.message, { tag: "span" })),
      error.hint ? element("p.quiet", {}, foreign(error.hint, { tag: "span" })) : "",
      element("p", {}, "Open the link that ", element("code", {}, "occasio dashboard"), " printed last at its terminal; each opens one page."),
    ),
  );
}

function announce(text) {
  const place = document.getElementById("announced");
  place.textContent = text;
}

function count(rows) {
  for (const row of rows) {
    if (row.kind !== "tool_call") continue;
    unheard.calls += 1;
    unheard.blocked += row.what === "BLOCK";
  }
}

setInterval(() => {
  if (unheard.calls === 0) return;
  announce(`${counted(unheard.calls, "new call")}${unheard.blocked ? `, ${whole(unheard.blocked)} blocked` : ""}`);
  unheard = { calls: 0, blocked: 0 };
}, ANNOUNCED_EVERY);

try {
  await opened();
  alerts.append(warning, approvals.node);
  addEventListener("hashchange", () => {
    if (!location.hash.startsWith("#/")) return location.reload(); // another link
    if (view) route();
    content.focus();
  });
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // what stands behind `#` is a view here
    content.focus();
  });
  follow(hear);
} catch (error) {
  refused(error);
}
