/** Runs: the list of them, and one of them with its coverage, its evidence and its timeline. */

import { get, post } from "./connection.js";
import { button, card, element, foreign } from "./elements.js";
import { runRows } from "./rows.js";
import { counted, lasting, money, short, when, whole } from "./words.js";

const PAGE = 100;

/** What a run is now, in a word, and how it stands with it. */
export function stateOf(run) {
  if (run.ended === null) return run.alive ? ["live", "running"] : ["gone", "open, its process is gone"];
  if (run.reason === "exit") return ["ended", run.exit_code ? `exit code ${run.exit_code}` : "ended"];
  return ["gone", `ended: ${run.reason}`];
}

/** A few runs in short. @param {any[]} runs */
export function shortList(runs) {
  if (runs.length === 0) return element("p.quiet", {}, "No run yet. Start one with ", element("code", {}, "occasio claude"), ".");
  return element("ul.list.runs", {}, ...runs.map((run) => brief(run)));
}

function brief(run) {
  const [kind, state] = stateOf(run);
  const told = [counted(run.calls, "call")];
  if (run.blocked) told.push(`${whole(run.blocked)} blocked`);
  if (run.findings) told.push(counted(run.findings, "finding"));
  if (run.cost_micro_usd) told.push(money(run.cost_micro_usd));
  return element(
    "li",
    {},
    element("a", { href: `#/runs/${encodeURIComponent(run.run)}` }, foreign(run.agent ?? run.command, { tag: "span" })),
    element(`span.state.${kind}`, {}, foreign(state, { tag: "span" })),
    element("span.quiet", {}, `${when(run.started)}: ${told.join(", ")}`),
  );
}

/** The page of all runs: a table where there is room for one. */
export function runsPage() {
  const isNarrow = matchMedia("(max-width: 44rem)").matches;
  const body = element("tbody");
  const count = element("p.quiet", { role: "status" });
  const more = button("Show more", () => load(PAGE).catch((error) => (count.textContent = error.message)), { hidden: "" });
  let limit = PAGE;
  const load = async (further = 0) => {
    limit += further;
    const { runs, of } = await get("runs", { limit });
    if (isNarrow) place.replaceChildren(shortList(runs));
    else body.replaceChildren(...runs.map((run) => line(run)));
    count.textContent = `${whole(runs.length)} of ${whole(of)} shown`;
    more.hidden = runs.length < limit || runs.length >= of;
  };
  const columns = ["started", "run", "agent", "state", "calls", "blocked", "tokens", "cost"];
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const table = element("table.all-runs", {}, element("thead", {}, head), body);
  const wide = element("div.wide", { tabindex: "0", role: "region", "aria-label": "Runs, the newest first" }, table);
  const place = element("div.every-run", {}, isNarrow ? "" : wide);
  const node = card("Runs", count, place, element("div.bar", {}, more));
  return { node, load: () => load(), hear: () => load() };
}

function line(run) {
  const [kind, state] = stateOf(run);
  return element(
    "tr",
    {},
    element("td", {}, when(run.started)),
    element("th", { scope: "row" }, element("a.code", { href: `#/runs/${encodeURIComponent(run.run)}` }, run.run.slice(0, 8))),
    element("td", {}, foreign(run.agent ?? run.command, { tag: "span" })),
    element("td", {}, element(`span.state.${kind}`, {}, foreign(state, { tag: "span" }))),
    element("td.number", {}, whole(run.calls)),
    element("td.number", {}, element(run.blocked ? "strong.BLOCK" : "span", {}, whole(run.blocked))),
    element("td.number", {}, short(run.tokens_in + run.tokens_out)),
    element("td.number", {}, costOf(run)),
  );
}

function costOf(run) {
  if (run.requests > 0 && run.requests === run.unpriced) return "no price";
  return `${money(run.cost_micro_usd)}${run.unpriced ? ` + ${whole(run.unpriced)} unpriced` : ""}`;
}

/** The page of one run. @param {string} id */
export function runPage(id) {
  const facts = element("div");
  const coverage = element("div", {}, element("p.quiet", {}, "looking …"));
  const timeline = runRows(id);
  const node = element(
    "div",
    {},
    element("section.card", { "aria-labelledby": "run" }, element("h2", { id: "run" }, "Run ", foreign(id)), facts),
    card("Coverage", coverage),
    evidence(id),
    timeline.node,
  );
  const load = async () => {
    const run = await get(`runs/${encodeURIComponent(id)}`);
    facts.replaceChildren(...described(run));
    await Promise.all([timeline.grow(), covered(id, coverage)]);
  };
  /** @param {any[]} runs as the stream tells of them */
  const hear = async (runs) => {
    if (!runs.some((run) => run.run === id)) return;
    facts.replaceChildren(...described(await get(`runs/${encodeURIComponent(id)}`)));
    await Promise.all([timeline.hear(), covered(id, coverage)]);
  };
  return { node, load, hear };
}

function described(run) {
  const [kind, state] = stateOf(run);
  const sums = run.counters;
  const until = run.ended ?? run.last;
  const rows = [
    ["state", element(`span.state.${kind}`, {}, foreign(state, { tag: "span" }))],
    ["agent", foreign([run.agent, run.model].filter(Boolean).join(", ") || "none has acted yet")],
    ["command", foreign(`${run.command} in ${run.cwd}`)],
    ["time", `${when(run.started)}, ${lasting(until - run.started)}`],
    ["doors", foreign(run.doors)],
    ["calls", `${whole(sums.calls)}: ${whole(sums.passed)} passed, ${whole(sums.local)} run here, ${whole(sums.transformed)} transformed, ${whole(sums.blocked)} blocked`],
    ["secrets", `${whole(run.secrets)} kept from the model`],
    ["requests", `${whole(run.requests)}, ${whole(run.tokens_in)} tokens in, ${whole(run.tokens_out)} out, ${costOf(run)}`],
    ["findings", whole(sums.findings)],
    ["asked", `${whole(sums.asked)}: ${whole(sums.granted)} granted, ${whole(sums.denied)} denied, ${whole(sums.expired)} expired`],
  ];
  const hint = kind === "gone" && run.ended === null ? [element("p.quiet", {}, "To close it: ", element("code", {}, "occasio audit repair"))] : [];
  return [element("dl.facts", {}, ...rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))), ...hint];
}

async function covered(id, place) {
  try {
    const { calls, gaps, of } = await get(`runs/${encodeURIComponent(id)}/coverage`);
    const items = gaps.map((gap) => element("li", {}, element("strong", {}, gap.gap), " ", foreign(gap.tool || "?"), " ", foreign(gap.call_id)));
    place.replaceChildren(
      element("p", {}, of === 0 ? `Every door saw what it should have of ${counted(calls, "call")}.` : `${counted(of, "gap")} in ${counted(calls, "call")}:`),
      ...(of === 0 ? [] : [element("ul.list", {}, ...items)]),
    );
  } catch (error) {
    place.replaceChildren(element("p.warning", {}, foreign([error.message, error.hint].filter(Boolean).join(" — "))));
  }
}

const MEANS = {
  INTACT: "Whole and consistent, and not signed: a bundle that you sign can be VERIFIED.",
  VERIFIED: "Every check passed.",
  FAILED: "The evidence does not hold.",
};

/** What a bundle of the run would be worth: made, verified and thrown away when it is asked for. */
function evidence(id) {
  const place = element("div", { role: "status" });
  const ask = button("Make a bundle and verify it", async () => {
    ask.disabled = true;
    place.replaceChildren(element("p.quiet", {}, "The log is read from its first row …"));
    try {
      place.replaceChildren(...reported(await post(`runs/${encodeURIComponent(id)}/evidence`, {}), id));
    } catch (error) {
      place.replaceChildren(element("p.warning", {}, foreign(error.message)), element("p.quiet", {}, foreign(error.hint ?? "")));
    }
    ask.disabled = false;
  });
  return card("Evidence", element("div.bar", {}, ask), place);
}

function reported(report, id) {
  const checks = report.checks.map((check) =>
    element(`li.${check.status}`, {}, element("span.mark", {}, check.status), element("span", {}, check.name), foreign([check.code === "ok" ? "" : check.code, check.detail].filter(Boolean).join(": "))),
  );
  return [
    element(`p.verdict.${report.verdict}`, {}, element("strong", {}, report.verdict), ` ${MEANS[report.verdict] ?? ""}`),
    element("ol.list.checks", {}, ...checks),
    element("p.quiet", {}, "To keep it, signed: ", element("code", {}, `occasio bundle --run ${id}`)),
  ];
}
