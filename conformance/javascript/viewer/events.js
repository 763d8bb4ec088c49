/** The rows of a run as what happened, one after the other. Takes nothing for granted: rows that failed are shown too. */

import { isInteger, isObject, isString } from "../src/shapes.js";
import { shown } from "./differences.js";

/**
 * @typedef {object} Event
 * @property {number} row from 0
 * @property {string} kind of the row
 * @property {number | null} at milliseconds after the first row
 * @property {string} what one word: an action, how a result came, or the kind
 * @property {string} title a tool's name, or what the row is about
 * @property {string} text one line
 * @property {[string, string][]} more names and values
 * @property {string} json the whole row
 */

/** @param {import("../src/rows.js").Row[]} rows @returns {Event[]} */
export function events(rows) {
  const start = Date.parse(textOf(rows[0], "ts"));
  const tools = new Map();
  return rows.map((row, i) => {
    const kind = textOf(row, "kind");
    if (kind === "tool_call") tools.set(row.get("call_id"), textOf(row, "tool_name"));
    const at = Date.parse(textOf(row, "ts")) - start;
    const told = Object.hasOwn(TELLERS, kind) ? TELLERS[kind](row, tools) : { what: kind, title: "", text: "" };
    return { row: i, kind, at: Number.isNaN(at) ? null : at, more: [], ...told, json: shown(row) };
  });
}

const TELLERS = {
  tool_call: (row) => ({
    what: textOf(row, "action"),
    title: textOf(row, "tool_name"),
    text: effectsOf(row) || targetOf(row),
    more: named(row, ["rule", "reason", "message", "transform", "approval_id"]),
  }),
  tool_result: (row, tools) => ({
    what: textOf(row, "result_kind"),
    title: `result of ${tools.get(row.get("call_id")) ?? "a call"}`,
    text: resultOf(row),
  }),
  request: (row) => ({
    what: "request",
    title: textOf(row, "model"),
    text: `${shown(row.get("input_tokens"))} tokens in, ${shown(row.get("output_tokens"))} out, status ${shown(row.get("status"))}`,
  }),
  run_started: (row) => ({ what: "started", title: "run", text: `${shown(row.get("command"))} in ${shown(row.get("cwd"))}` }),
  run_ended: (row) => ({ what: "ended", title: "run", text: `${shown(row.get("reason"))}, exit code ${shown(row.get("exit_code"))}` }),
  policy_loaded: (row) => ({ what: "policy", title: "in force", text: shown(innerOf(row, "policy_hash")) }),
  policy_rejected: (row) => ({ what: "policy", title: "rejected", text: shown(row.get("error")) }),
  git_state: (row) => ({
    what: "git",
    title: shown(innerOf(row, "phase")),
    text: `${shown(innerOf(row, "branch"))} at ${shown(innerOf(row, "head"))}${innerOf(row, "dirty") === true ? ", with changes" : ""}`,
  }),
  finding: (row) => ({ what: "finding", title: textOf(row, "severity"), text: textOf(row, "message") }),
  limit_exceeded: (row) => ({ what: "limit", title: textOf(row, "limit"), text: `${shown(row.get("actual"))} of ${shown(row.get("max"))}` }),
  approval_requested: (row) => ({ what: "asked", title: textOf(row, "tool_name"), text: `until ${shown(row.get("expires_at"))}` }),
  approval_granted: (row) => ({ what: "granted", title: "approval", text: `by ${shown(row.get("approver"))}` }),
  approval_denied: (row) => ({ what: "denied", title: "approval", text: `by ${shown(row.get("approver"))}` }),
};

function textOf(row, name) {
  const value = row.get(name);
  return isString(value) ? value : "";
}

function innerOf(row, name) {
  const inputs = row.get("tool_inputs");
  return isObject(inputs) ? inputs.get(name) : undefined;
}

function effectsOf(row) {
  const effects = row.get("effects");
  return Array.isArray(effects) ? effects.filter(isString).join(", ") : "";
}

function targetOf(row) {
  return ["command", "path", "pattern", "url"].map((name) => innerOf(row, name)).find(isString) ?? "";
}

function resultOf(row) {
  const size = row.get("size");
  const redacted = row.get("secrets_redacted");
  const labels = row.get("secret_labels");
  return [
    isInteger(size) ? `${size} bytes` : "",
    row.get("is_error") === true ? "an error" : "",
    isInteger(redacted) && redacted > 0 ? `secrets redacted: ${redacted}` : "",
    Array.isArray(labels) ? labels.filter(isString).join(", ") : "",
  ].filter(Boolean).join(", ");
}

function named(row, names) {
  return names.filter((name) => isString(row.get(name))).map((name) => [name, row.get(name)]);
}
