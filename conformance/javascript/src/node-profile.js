/**
 * The same checks for bundles of the Node implementation, whose rows have `audit_schema` 1 (SPEC 17).
 * Its rows may hold anything behind the members that SPEC 17 names, so nothing else is taken for granted here.
 */

import { canonical, inFileOrder } from "./canonical.js";
import { parseBundle } from "./document.js";
import { utf8 } from "./encoding.js";
import { object } from "./json.js";
import { GIT_DIGEST_ORDER } from "./kinds.js";
import {
  bundleDigest,
  checkAttestationSignature,
  checkDigests,
  checkExactMembers,
  checkPolicyText,
  isDigest,
  isSlice,
  isSnapshot,
} from "./native-profile.js";
import { blocked, countsByAction, gitState, ofKind, secretsRedacted, targetOf } from "./predicate.js";
import { NotChecked, Rejection, ensure, renamed } from "./rejection.js";
import { MAX_ROW_BYTES, MAX_ROW_DEPTH, ZEROS, checkDepth, withoutMember } from "./rows.js";
import { sha256Hex } from "./sha256.js";
import { exactObject, isHex64, isInteger, isObject, isString, misfit, nullOr } from "./shapes.js";
import { statement } from "./statement.js";

/** @typedef {Map<string, any>} Bundle */

export const name = "node";

const AUDIT_SCHEMA = 1;

const MEMBERS = {
  schema: isString,
  run_id: isString,
  attestation: isObject,
  chain_slice: isSlice,
  policy_snapshot: nullOr(isSnapshot),
  sigstore_bundle: nullOr(isObject),
  generated_at: isAnything,
  manifest: exactObject({
    attestation_sha256: isDigest,
    chain_slice_sha256: isDigest,
    policy_sha256: isDigest,
    bundle_digest: isDigest,
  }),
};

const ROW_MEMBERS = { audit_schema: isInteger, hash: isHex64, kind: isString, prev_hash: isHex64, ts: isString };

function isAnything() {
  return true;
}

/**
 * Whether a bundle is of this profile (SPEC 17).
 * @param {Map<string, unknown>} bundle
 */
export function isOfThisProfile(bundle) {
  const slice = bundle.get("chain_slice");
  return Array.isArray(slice) && isObject(slice[0]) && slice[0].get("audit_schema") === AUDIT_SCHEMA;
}

/** Check 1: any white space and order will do. */
export function checkFormat(bundle) {
  checkExactMembers(bundle, MEMBERS);
}

/** Check 2. */
export function checkManifest(bundle) {
  const snapshot = bundle.get("policy_snapshot");
  checkDigests(bundle.get("manifest"), {
    attestation_sha256: sha256Hex(inFileOrder(bundle.get("attestation"))),
    chain_slice_sha256: sha256Hex(inFileOrder(bundle.get("chain_slice"))),
    policy_sha256: snapshot === null ? null : sha256Hex(snapshot.get("text")),
    bundle_digest: bundleDigest(bundle),
  });
}

/** Check 3. */
export function checkRows(bundle) {
  bundle.get("chain_slice").forEach(checkRow);
}

function checkRow(row) {
  checkDepth(row, MAX_ROW_DEPTH);
  ensure(utf8(inFileOrder(row)).length <= MAX_ROW_BYTES, "row-too-long");
  const schema = row.get("audit_schema");
  ensure(!isInteger(schema) || schema === AUDIT_SCHEMA, "row-schema", String(schema));
  const wrong = misfit(row, ROW_MEMBERS);
  ensure(wrong === null, "row-field", wrong);
  if (row.get("kind") === "git_state") ensure(isGitState(row.get("tool_inputs")), "row-field", "tool_inputs");
  ensure(row.get("hash") === sha256Hex(inFileOrder(withoutMember(row, "hash"))), "row-hash");
}

/** SPEC 17: what `digest` covers is hashed in the order of 5.1, wherever it stands; the forms of section 5 do not apply. */
function isGitState(value) {
  if (!isObject(value) || ![...GIT_DIGEST_ORDER, "digest"].every((member) => value.has(member))) return false;
  const covered = new Map(GIT_DIGEST_ORDER.map((member) => [member, value.get(member)]));
  return value.get("digest") === sha256Hex(inFileOrder(covered));
}

/** Check 4: each row points at the one before; where the first stood is not known. */
export function checkRunChain(bundle) {
  bundle.get("chain_slice").forEach((row, i, rows) => {
    ensure(row.get("run_id") === bundle.get("run_id"), "run-id");
    ensure(i === 0 || row.get("prev_hash") === rows[i - 1].get("hash"), "log-link");
  });
}

/** Check 5 is not made and not reported. */
export const checkLogPosition = null;

/** Check 6. */
export function checkPredicate(bundle) {
  const claimed = bundle.get("attestation");
  for (const [path, value] of derivedClaims(bundle)) {
    ensure(sameValue(memberAt(claimed, path), value), "predicate-mismatch", path);
  }
  ensure(sameValue(summaryWithoutOffsets(claimed), summary(bundle)), "predicate-mismatch", "execution_summary");
  if (memberAt(claimed, "subject.git_state") !== undefined) checkGitState(bundle);
  checkAttestationSignature(bundle);
}

function derivedClaims(bundle) {
  const rows = bundle.get("chain_slice");
  const loaded = loadedPolicies(rows)[0];
  return [
    ["audit_chain.first_hash", rows[0].get("hash")],
    ["audit_chain.last_hash", rows.at(-1).get("hash")],
    ["audit_chain.event_count", rows.length],
    ["agent.started_at", rows[0].get("ts")],
    ["agent.ended_at", rows.at(-1).get("ts")],
    ["subject.run_id", bundle.get("run_id")],
    ...(loaded ? [["policy.file_hash", loaded.get("policy_hash")]] : []),
  ];
}

function checkGitState(bundle) {
  const states = ofKind(bundle.get("chain_slice"), "git_state").map((row) => row.get("tool_inputs"));
  const claimed = memberAt(bundle.get("attestation"), "subject.git_state");
  ensure(sameValue(claimed, gitState(states)), "predicate-mismatch", "subject.git_state");
}

function summary(bundle) {
  const calls = ofKind(bundle.get("chain_slice"), "tool_call");
  return object({
    ...countsByAction(calls),
    secrets_redacted: secretsRedacted(calls),
    blocked_events: blocked(calls).map(blockedEvent),
  });
}

function blockedEvent(call) {
  return object({
    tool: call.get("tool_name") ?? null,
    target: targetOf(call),
    rule: call.get("reason") ?? null,
  });
}

/** The claimed summary, as far as it can be recomputed; undefined if it has another form. */
function summaryWithoutOffsets(claimed) {
  const events = memberAt(claimed, "execution_summary.blocked_events");
  if (!Array.isArray(events) || !events.every(isObject)) return undefined;
  const rest = events.map((event) => withoutMember(event, "at_offset_s"));
  return new Map(memberAt(claimed, "execution_summary")).set("blocked_events", rest);
}

/** @param {unknown} value @param {string} path names with points between them */
function memberAt(value, path) {
  return path.split(".").reduce((inner, member) => (isObject(inner) ? inner.get(member) : undefined), value);
}

function sameValue(claimed, derived) {
  if (claimed === undefined || derived === undefined) return false;
  // a sum that is too large has no canonical form, and equals nothing
  return canonical(claimed) === renamed("predicate-mismatch", () => canonical(derived));
}

/** Check 7. Check 6 has compared `policy.file_hash` with the rows, where one names a policy. */
export function checkPolicy(bundle) {
  const snapshot = bundle.get("policy_snapshot");
  const stated = memberAt(bundle.get("attestation"), "policy.file_hash");
  if (snapshot !== null) {
    checkPolicyText(snapshot);
    ensure(snapshot.get("sha256") === stated, "policy-mismatch", "not the policy of the attestation");
  } else if (stated !== ZEROS) throw new NotChecked("policy-missing", "the bundle holds no policy");
}

/** @returns {Map<string, unknown>[]} */
function loadedPolicies(rows) {
  return ofKind(rows, "policy_loaded").map((row) => row.get("tool_inputs")).filter(isObject);
}

/**
 * Whether the payload has the canonical form of the Statement.
 * @param {Uint8Array} payload
 * @param {string} expected
 */
export function isStatement(payload, expected) {
  try {
    return canonical(parseBundle(payload)) === expected;
  } catch (error) {
    if (error instanceof Rejection) return false;
    throw error;
  }
}

/**
 * The canonical form of the Statement.
 * @param {Bundle} bundle
 */
export function expectedStatement(bundle) {
  const claimed = withoutMember(bundle.get("attestation"), "signature");
  const last = bundle.get("chain_slice").at(-1);
  return statement(claimed, [{ name: `occasio:run:${bundle.get("run_id")}`, digest: last.get("hash") }]);
}
