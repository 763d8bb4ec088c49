/** What follows from the rows of a run (SPEC 8). A function of the slice: knows no bundle, no clock and no file. */

import { object } from "./json.js";
import { ZEROS } from "./rows.js";
import { isInteger, isObject, isString } from "./shapes.js";

export const PREDICATE_TYPE = "https://github.com/occasiolabs/occasio/spec/agent-attestation/v1";

const VERIFIER_URL = "https://github.com/occasiolabs/occasio";
const RECORDER = "occasio";

/** @typedef {import("./rows.js").Row} Row */

/**
 * The predicate of a slice whose rows and chain are good.
 * @param {Row[]} rows at least one
 * @returns {Map<string, import("./json.js").JsonValue>}
 */
export function predicate(rows) {
  return object({
    schema_version: "1.0.0",
    predicate_type: PREDICATE_TYPE,
    subject: subject(rows),
    agent: agent(rows),
    policy: policy(rows),
    execution_summary: executionSummary(rows),
    audit_chain: auditChain(rows),
  });
}

function subject(rows) {
  const members = { run_id: rows[0].get("run_id") };
  const states = ofKind(rows, "git_state").map((row) => row.get("tool_inputs"));
  const commit = states.filter((state) => state.get("head") !== null).at(-1);
  if (commit) members.git_commit = commit.get("head");
  if (states.length > 0) members.git_state = gitState(states);
  return object(members);
}

/** @param {Map<string, unknown>[]} states `tool_inputs` of the `git_state` rows, in order */
export function gitState(states) {
  const inPhase = (phase) => states.filter((state) => state.get("phase") === phase);
  return object({
    provenance: "chain",
    run_start: claimOf(inPhase("run_start").at(0)),
    run_end: claimOf(inPhase("run_end").at(-1)),
  });
}

function claimOf(state) {
  if (!state) return null;
  return new Map([...state].filter(([name]) => name !== "phase" && name !== "cwd"));
}

function agent(rows) {
  const own = rows.find((row) => row.get("agent") !== RECORDER);
  const request = ofKind(rows, "request").find((row) => row.get("model") !== null);
  const [first, last] = [rows[0], rows.at(-1)];
  return object({
    platform: own ? own.get("agent") : "unknown",
    model: request ? request.get("model") : null,
    session_id: (own ?? first).get("session_id"),
    started_at: first.get("ts"),
    ended_at: last.get("ts"),
    wall_time_s: secondsBetween(first, last),
  });
}

/** Whole seconds, rounded down, at least 0. */
function secondsBetween(earlier, later) {
  const milliseconds = Date.parse(later.get("ts")) - Date.parse(earlier.get("ts"));
  return Math.max(0, Math.floor(milliseconds / 1000));
}

function policy(rows) {
  const loaded = ofKind(rows, "policy_loaded")[0];
  const inputs = loaded?.get("tool_inputs");
  return object({
    file_hash: inputs ? inputs.get("policy_hash") : ZEROS,
    file_path: inputs ? inputs.get("policy_path") : null,
    version: inputs ? inputs.get("version") : null,
    source: loaded ? loaded.get("policy_source") : "unknown",
    rules_digest: inputs ? inputs.get("rules_digest") : noRules(),
  });
}

function noRules() {
  return object({ block_secrets: false, deny_paths_count: 0, deny_patterns_count: 0 });
}

function executionSummary(rows) {
  const calls = ofKind(rows, "tool_call");
  return object({
    ...countsByAction(calls),
    secrets_redacted: secretsRedacted(ofKind(rows, "tool_result")),
    blocked_events: blocked(calls).map((call) => blockedEvent(call, rows[0])),
  });
}

/** @param {Row[]} calls the `tool_call` rows */
export function countsByAction(calls) {
  const having = (action) => calls.filter((call) => call.get("action") === action).length;
  return {
    tool_calls: calls.length,
    local: having("LOCAL"),
    passed: having("PASS"),
    transformed: having("TRANSFORM"),
    blocked: having("BLOCK"),
  };
}

/** The sum over these rows; one beyond 2^53 - 1 is inexact and has no canonical form, so that no predicate can equal it. */
export function secretsRedacted(rows) {
  const counts = rows.map((row) => row.get("secrets_redacted")).filter(isInteger);
  return Number(counts.reduce((sum, count) => sum + BigInt(count), 0n));
}

/** @param {Row[]} calls @returns {Row[]} */
export function blocked(calls) {
  return calls.filter((call) => call.get("action") === "BLOCK");
}

function blockedEvent(call, first) {
  return object({
    tool: call.get("tool_name"),
    target: targetOf(call),
    rule: call.get("rule") ?? call.get("reason"),
    at_offset_s: secondsBetween(first, call),
  });
}

/** @param {Row} call @returns {string | null} */
export function targetOf(call) {
  const inputs = call.get("tool_inputs");
  if (!isObject(inputs)) return null; // only in the node profile
  const target = ["path", "pattern"].map((name) => inputs.get(name)).find(isString);
  return target ?? null;
}

function auditChain(rows) {
  return object({
    genesis: ZEROS,
    first_hash: rows[0].get("hash"),
    last_hash: rows.at(-1).get("hash"),
    event_count: rows.length,
    chain_file: rows[0].get("chain_file"),
    verifier_url: VERIFIER_URL,
  });
}

/** @param {Row[]} rows @param {string} kind @returns {Row[]} */
export function ofKind(rows, kind) {
  return rows.filter((row) => row.get("kind") === kind);
}
