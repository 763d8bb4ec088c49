/** What a bundle says in sum, each with what that rests on (SPEC 11.1). A function of the report. */

import { coverage } from "../src/coverage.js";
import { isObject } from "../src/shapes.js";
import { shown } from "./differences.js";

/** @typedef {{name: string, value: string, basis: "verified" | "self-reported" | "absent" | "not shown"}} Fact */

/**
 * @param {import("../src/bundle.js").BundleReport} report of a bundle that is well-formed
 * @returns {Fact[]}
 */
export function facts({ bundle, profile, checks, verdict }) {
  const passed = (name) => checks.some((check) => check.name === name && check.status === "pass");
  const value = (path) => valueAt(bundle.get("attestation"), path);
  const counted = passed("predicate") ? "verified" : "not shown";
  const told = verdict === "FAILED" ? "not shown" : "self-reported";
  const fact = (name, text, basis) => ({ name, value: text, basis });
  return [
    fact("Tool calls", counts(value), counted),
    fact("Secrets redacted", shown(value("execution_summary.secrets_redacted")), counted),
    fact("Rows", String(bundle.get("chain_slice").length), passed("rows") && passed("run-chain") ? "verified" : "not shown"),
    ...gaps(bundle, profile, passed),
    fact("Policy", shown(value("policy.file_hash")), passed("policy") ? "verified" : "not shown"),
    fact("Agent", shown(value("agent.platform")), told),
    fact("Model", shown(value("agent.model")), told),
    fact("Started", shown(value("agent.started_at")), told),
    fact("Ended", shown(value("agent.ended_at")), told),
    fact("Commit", shown(value("subject.git_commit")), told),
    fact("Nothing went round the gate", "a bundle cannot show it", "absent"),
  ];
}

function counts(value) {
  const names = { tool_calls: "in all", passed: "PASS", local: "LOCAL", transformed: "TRANSFORM", blocked: "BLOCK" };
  return Object.entries(names).map(([member, name]) => `${shown(value(`execution_summary.${member}`))} ${name}`).join(", ");
}

function gaps(bundle, profile, passed) {
  if (profile !== "native" || !passed("run-chain")) return [];
  const names = new Set(coverage(bundle.get("chain_slice")).gaps.map(([, call]) => call));
  return [{ name: "Calls with gaps", value: String(names.size), basis: "verified" }];
}

function valueAt(value, path) {
  return path.split(".").reduce((inner, name) => (isObject(inner) ? inner.get(name) : undefined), value);
}
