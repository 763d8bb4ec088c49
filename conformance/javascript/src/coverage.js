/** Which calls of a run have gaps in what its doors saw of them (SPEC 11.3). A function of the rows. */

/** @typedef {import("./rows.js").Row} Row */

/**
 * @param {Row[]} rows of one run, good
 * @returns {{ calls: number, gaps: [string, string][] }} each gap with its call, in the order in which rows name calls
 */
export function coverage(rows) {
  const calls = namedCalls(rows);
  const doors = new Set(rows.filter((row) => row.get("kind") === "run_started").flatMap((row) => row.get("enforcement_points")));
  const gaps = [...calls].flatMap(([name, of]) => gapsOf(of, doors).map((gap) => [gap, name]));
  return { calls: calls.size, gaps };
}

/** @returns {Map<string, { decisions: Row[], results: Row[], seen: boolean, told: string[], first: string }>} */
function namedCalls(rows) {
  const calls = new Map();
  const named = (name) => {
    if (!calls.has(name)) calls.set(name, { decisions: [], results: [], seen: false, told: [], first: "" });
    return calls.get(name);
  };
  for (const row of rows) {
    const name = row.get("call_id");
    switch (row.get("kind")) {
      case "tool_call":
        named(name).first ||= "decision";
        named(name).decisions.push(row);
        break;
      case "tool_result":
        named(name).first ||= "result";
        named(name).results.push(row);
        break;
      case "approval_requested":
        named(name);
        break;
      case "hook_event":
        if (name !== undefined) named(name).seen = true;
        for (const output of row.get("outputs") ?? []) {
          if (!output.get("is_error")) named(output.get("call_id")).told.push(output.get("digest"));
        }
        break;
    }
  }
  return calls;
}

function gapsOf({ decisions, results, seen, told, first }, doors) {
  if (decisions.length === 0) return [results.length > 0 ? "no-decision" : "not-gated"];
  const isOfHook = (row) => row.get("protocol") === "hook";
  const action = decisions.at(-1).get("action");
  const ended = results.length > 0;
  const sent = results.filter((row) => !isOfHook(row)).map((row) => row.get("content_digest"));
  const holds = {
    "no-decision": first === "result",
    "no-outcome": action !== "BLOCK" && decisions.at(-1).get("reason") !== "provider-ran" && !ended,
    "hook-silent":
      doors.has("hook") && action === "PASS" && ended &&
      !results.some((row) => row.get("is_error") === true) && !seen && !decisions.some(isOfHook),
    "proxy-silent": doors.has("proxy") && isOfHook(decisions[0]),
    "output-differs": told.length > 0 && sent.length > 0 && !told.some((digest) => sent.includes(digest)),
  };
  return Object.keys(holds).filter((gap) => holds[gap]);
}
