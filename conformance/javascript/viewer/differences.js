/** What a bundle claims beside what is recomputed, for each check that failed. Decides nothing: the verifier did. */

import { canonical, inFileOrder } from "../src/canonical.js";
import { parseBundle } from "../src/document.js";
import { Float } from "../src/json.js";
import { bundleDigest, expectedStatement } from "../src/native-profile.js";
import { ofKind, predicate } from "../src/predicate.js";
import { Rejection } from "../src/rejection.js";
import { ZEROS, checkRow, withoutMember } from "../src/rows.js";
import { sha256Hex } from "../src/sha256.js";
import { isObject } from "../src/shapes.js";
import { readKeyBundle, readSigstoreBundle } from "../src/statement.js";
import { utf8 } from "../src/encoding.js";

/** @typedef {{check: string, where: string, claimed: string, recomputed: string}} Difference */

const MOST = 50;
const NOTHING = "nothing";

/**
 * @param {import("../src/bundle.js").BundleReport} report
 * @returns {{found: Difference[], more: number}} the first of them, and how many were left out
 */
export function differences({ bundle, profile, checks }) {
  const failed = checks.filter((check) => check.status === "fail").map((check) => check.name);
  const found = failed.flatMap((check) =>
    (FINDERS[check] ?? none)(bundle, profile).map(([where, claimed, recomputed]) => ({ check, where, claimed, recomputed })),
  );
  return { found: found.slice(0, MOST), more: Math.max(0, found.length - MOST) };
}

const FINDERS = { manifest, rows, "run-chain": runChain, predicate: predicates, policy: policies, statement: statements };

function none() {
  return [];
}

/** @returns {[string, string, string][]} where, claimed, recomputed */
function manifest(bundle, profile) {
  const text = profile === "native" ? canonical : inFileOrder;
  const log = bundle.get("log") ?? null;
  const snapshot = bundle.get("policy_snapshot");
  const expected = {
    attestation_sha256: sha256Hex(text(bundle.get("attestation"))),
    chain_slice_sha256: sha256Hex(text(bundle.get("chain_slice"))),
    policy_sha256: snapshot === null ? null : sha256Hex(snapshot.get("text")),
    ...(profile === "native" ? { log_sha256: log === null ? null : sha256Hex(canonical(log)) } : {}),
    bundle_digest: bundleDigest(bundle),
  };
  const claimed = bundle.get("manifest");
  const wrong = Object.keys(expected).filter((member) => claimed.get(member) !== expected[member]);
  const made = wrong.map((member) => [`manifest.${member}`, shown(claimed.get(member)), shown(expected[member])]);
  const last = bundle.get("chain_slice").at(-1).get("ts");
  const isLate = profile === "native" && bundle.get("generated_at") !== last;
  return isLate ? [...made, ["generated_at", shown(bundle.get("generated_at")), shown(last)]] : made;
}

function rows(bundle, profile) {
  const text = profile === "native" ? canonical : inFileOrder;
  return bundle.get("chain_slice").flatMap((row, i) => {
    const hash = attempt(() => sha256Hex(text(withoutMember(row, "hash"))));
    if (row.get("hash") !== hash) return [[`row ${i}: hash`, shown(row.get("hash")), hash]];
    const why = profile === "native" ? attempt(() => checkRow(row) ?? "") : "";
    return why === "" ? [] : [[`row ${i}`, shown(row), `refused, ${why}`]];
  });
}

function runChain(bundle, profile) {
  const link = profile === "native" ? "run_prev_hash" : "prev_hash";
  return bundle.get("chain_slice").flatMap((row, i, all) => {
    const expected = [["run_id", bundle.get("run_id")]];
    if (i > 0 || profile === "native") expected.push([link, i === 0 ? ZEROS : all[i - 1].get("hash")]);
    if (profile === "native") expected.push(["run_seq", i]);
    return expected
      .filter(([member, value]) => row.get(member) !== value)
      .map(([member, value]) => [`row ${i}: ${member}`, shown(row.get(member)), shown(value)]);
  });
}

function predicates(bundle, profile) {
  if (profile !== "native") return [];
  return compared(withoutMember(bundle.get("attestation"), "signature"), predicate(bundle.get("chain_slice")), "attestation");
}

function policies(bundle, profile) {
  const named = ofKind(bundle.get("chain_slice"), "policy_loaded").map((row) => row.get("tool_inputs"));
  const held = [bundle.get("policy_snapshot"), ...(bundle.get("policy_history") ?? [])].filter(isObject);
  return held.flatMap((policy, i) => {
    const expected = [["sha256", sha256Hex(policy.get("text"))]];
    if (profile === "native") expected.push(["sha256", named[i]?.get("policy_hash")], ["path", named[i]?.get("policy_path")]);
    return expected
      .filter(([member, value]) => policy.get(member) !== value)
      .map(([member, value], j) => [`policy ${i}: ${member}${j > 0 ? ", by its row" : ""}`, shown(policy.get(member)), shown(value)]);
  });
}

function statements(bundle, profile) {
  if (profile !== "native") return [];
  const expected = parseBundle(utf8(expectedStatement(bundle)));
  const envelopes = [
    ...(bundle.get("key_bundle") ? [attempt(() => readKeyBundle(bundle.get("key_bundle")))] : []),
    ...(bundle.get("sigstore_bundle") ? [attempt(() => readSigstoreBundle(bundle.get("sigstore_bundle")))] : []),
  ];
  return envelopes.flatMap((envelope) => {
    if (typeof envelope === "string") return [["envelope", envelope, "a well-formed envelope"]];
    const payload = attempt(() => parseBundle(envelope.payload));
    return compared(payload, expected, "statement");
  });
}

/** What `compute` returns, or in words why it refused. */
function attempt(compute) {
  try {
    return compute();
  } catch (error) {
    if (error instanceof Rejection) return error.message;
    throw error;
  }
}

/** Every leaf in which two values differ. */
function compared(claimed, derived, path) {
  const names = namesOf(claimed) && namesOf(derived);
  if (!names) return shown(claimed) === shown(derived) ? [] : [[path, shown(claimed), shown(derived)]];
  const all = new Set([...namesOf(claimed), ...namesOf(derived)]);
  return [...all].flatMap((name) => compared(at(claimed, name), at(derived, name), `${path}.${name}`));
}

function namesOf(value) {
  if (Array.isArray(value)) return value.map((_, i) => i);
  return isObject(value) ? [...value.keys()] : null;
}

function at(value, name) {
  return Array.isArray(value) ? value[name] : value.get(name);
}

/** A value as text; what is not there, and what has no canonical form, in words. */
export function shown(value) {
  if (value === undefined) return NOTHING;
  if (value instanceof Float) return String(value.value);
  return typeof value === "string" ? value : attempt(() => canonical(value));
}
