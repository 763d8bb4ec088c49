/**
 * Checks 1 to 7 of SPEC 11 for bundles of `audit_schema` 2, and their Statement. Each check returns if it passes and throws
 * a Rejection if it fails. Knows nothing of signatures on the envelope, and not in which order the checks are made.
 */

import { canonical } from "./canonical.js";
import { checkPositions, checkRun } from "./chain.js";
import { checkWitnesses } from "./cosignature.js";
import { fromBase64, hex, sameBytes, utf8 } from "./encoding.js";
import { checkMultiproof } from "./merkle.js";
import { originOf, readCheckpoint, readNote, signersOf } from "./note.js";
import { ofKind, predicate } from "./predicate.js";
import { ensure, reject, renamed } from "./rejection.js";
import { checkRow, withoutMember } from "./rows.js";
import { sha256Hex } from "./sha256.js";
import {
  arrayOf,
  exactObject,
  exactly,
  isHex64,
  isObject,
  isString,
  misfit,
  nullOr,
} from "./shapes.js";
import { isBase64, statement } from "./statement.js";

/** @typedef {Map<string, any>} Bundle */

export const name = "native";

/** SPEC 15 */
const MAX_SLICE_ROWS = 200_000;

export const isDigest = nullOr(isHex64);
export const isSnapshot = exactObject({ path: nullOr(isString), sha256: isHex64, text: isString });

const isAttestationSignature = exactObject({
  type: exactly("sigstore-cosign-keyless"),
  identity: isString,
  rekor_entry: nullOr(isString),
  signed_at: isString,
  envelope_sha256: isHex64,
});

const MEMBERS = {
  schema: isString,
  run_id: isString,
  attestation: isObject,
  chain_slice: isSlice,
  policy_snapshot: isSnapshot,
  policy_history: arrayOf(isSnapshot),
  log: nullOr(exactObject({ checkpoint: isString, proof: arrayOf(isBase64) })),
  key_bundle: nullOr(isObject),
  sigstore_bundle: nullOr(isObject),
  generated_at: isString,
  manifest: exactObject({
    attestation_sha256: isDigest,
    chain_slice_sha256: isDigest,
    policy_sha256: isDigest,
    log_sha256: isDigest,
    bundle_digest: isDigest,
  }),
};

/** @param {unknown} value */
export function isSlice(value) {
  return Array.isArray(value) && value.length >= 1 && value.length <= MAX_SLICE_ROWS && value.every(isObject);
}

/** Check 1, for what strict JSON does not settle. */
export function checkFormat(bundle, file) {
  checkExactMembers(bundle, MEMBERS);
  ensure(sameBytes(utf8(`${canonical(bundle)}\n`), file), "bundle-form", "not the canonical form and one line end");
}

/** @param {Bundle} bundle @param {Record<string, (value: unknown) => boolean>} members */
export function checkExactMembers(bundle, members) {
  const wrong = misfit(bundle, members) ?? [...bundle.keys()].find((key) => !Object.hasOwn(members, key));
  if (wrong !== null && wrong !== undefined) reject("bundle-member", wrong);
}

/** Check 2. */
export function checkManifest(bundle) {
  const log = bundle.get("log");
  const manifest = bundle.get("manifest");
  checkDigests(manifest, {
    attestation_sha256: sha256Hex(canonical(bundle.get("attestation"))),
    chain_slice_sha256: sha256Hex(canonical(bundle.get("chain_slice"))),
    policy_sha256: sha256Hex(bundle.get("policy_snapshot").get("text")),
    log_sha256: log === null ? null : sha256Hex(canonical(log)),
    bundle_digest: bundleDigest(bundle),
  });
  ensure(bundle.get("generated_at") === bundle.get("chain_slice").at(-1).get("ts"), "manifest-mismatch", "generated_at");
}

/** @param {Map<string, unknown>} manifest @param {Record<string, string | null>} expected */
export function checkDigests(manifest, expected) {
  for (const [member, digest] of Object.entries(expected)) {
    ensure(manifest.get(member) === digest, "manifest-mismatch", member);
  }
}

/** SPEC 10: the members in this order, whatever their order in the file. */
export function bundleDigest(bundle) {
  const manifest = bundle.get("manifest");
  const members = [
    ["schema", bundle.get("schema")],
    ["run_id", bundle.get("run_id")],
    ...["attestation_sha256", "chain_slice_sha256", "policy_sha256"].map((member) => [member, manifest.get(member)]),
  ];
  return sha256Hex(`{${members.map(([member, value]) => `${canonical(member)}:${canonical(value)}`).join(",")}}`);
}

/** Check 3. */
export function checkRows(bundle) {
  bundle.get("chain_slice").forEach(checkRow);
}

/** Check 4. */
export function checkRunChain(bundle) {
  checkRun(bundle.get("chain_slice"), bundle.get("run_id"));
}

/**
 * Check 5.
 * @param {Bundle} bundle
 * @param {import("./keys.js").NoteKey[]} logKeys
 */
export async function checkLogPosition(bundle, logKeys, witnesses) {
  const rows = bundle.get("chain_slice");
  checkPositions(rows);
  const log = bundle.get("log");
  if (log === null) {
    ensure(witnesses === null, "witness-missing", "there is no checkpoint");
    return;
  }
  const note = readNote(utf8(log.get("checkpoint")));
  const checkpoint = readCheckpoint(note);
  ensure(checkpoint.size > rows.at(-1).get("seq"), "proof-range", "the checkpoint is older than the last row");
  if (rows[0].get("seq") === 0) ensure(checkpoint.origin === originOf(rows[0].get("hash")), "checkpoint-origin");
  await signersOf(note, logKeys);
  await checkWitnesses(note, witnesses);
  const leaves = rows.map((row) => ({ index: row.get("seq"), leaf: utf8(canonical(row)) }));
  checkMultiproof(leaves, checkpoint.size, log.get("proof").map(fromBase64), checkpoint.root);
}

/** Check 6. */
export function checkPredicate(bundle) {
  const claimed = withoutMember(bundle.get("attestation"), "signature");
  // a predicate without a canonical form, as one with too large a sum, is equal to none
  const derived = renamed("predicate-mismatch", () => canonical(predicate(bundle.get("chain_slice"))));
  ensure(canonical(claimed) === derived, "predicate-mismatch");
  checkAttestationSignature(bundle);
  checkEnvelopeDigest(bundle);
}

/** SPEC 8: the form of `signature`, and that there is something for it to speak of. */
export function checkAttestationSignature(bundle) {
  const signature = bundle.get("attestation").get("signature");
  if (signature === null) return;
  ensure(isAttestationSignature(signature), "attestation-signature");
  ensure(bundle.get("sigstore_bundle") !== null, "attestation-signature", "there is no `sigstore_bundle`");
}

function checkEnvelopeDigest(bundle) {
  const signature = bundle.get("attestation").get("signature");
  if (signature === null) return;
  const digest = renamed("attestation-signature", () => sha256Hex(expectedStatement(bundle)));
  ensure(signature.get("envelope_sha256") === digest, "attestation-signature", "envelope_sha256");
}

/** Check 7. */
export function checkPolicy(bundle) {
  const loaded = ofKind(bundle.get("chain_slice"), "policy_loaded").map((row) => row.get("tool_inputs"));
  const policies = [bundle.get("policy_snapshot"), ...bundle.get("policy_history")];
  ensure(loaded.length > 0, "policy-missing");
  ensure(loaded.length === policies.length, "policy-mismatch", `${loaded.length} rows, ${policies.length} policies`);
  policies.forEach((policy, i) => checkOnePolicy(policy, loaded[i]));
}

function checkOnePolicy(policy, inputs) {
  checkPolicyText(policy);
  ensure(policy.get("sha256") === inputs.get("policy_hash"), "policy-mismatch", "not the policy of its row");
  ensure(policy.get("path") === inputs.get("policy_path"), "policy-mismatch", "path");
}

/** @param {Map<string, string>} policy */
export function checkPolicyText(policy) {
  ensure(sha256Hex(policy.get("text")) === policy.get("sha256"), "policy-mismatch", "sha256");
}

/**
 * Whether the payload is the Statement of the bundle (SPEC 9.1).
 * @param {Uint8Array} payload
 * @param {string} expected
 */
export function isStatement(payload, expected) {
  return sameBytes(payload, utf8(expected));
}

/**
 * The text of the Statement of the bundle (SPEC 9.1); a Rejection if its checkpoint is none or its predicate has no
 * canonical form.
 * @param {Bundle} bundle of which checks 1 to 4 pass
 */
export function expectedStatement(bundle) {
  const rows = bundle.get("chain_slice");
  const derived = predicate(rows);
  const subjects = [
    { name: `occasio:run:${bundle.get("run_id")}`, digest: rows.at(-1).get("hash") },
    { name: "occasio:policy", digest: derived.get("policy").get("file_hash") },
    ...logSubjects(bundle.get("log")),
  ];
  return statement(derived, subjects);
}

function logSubjects(log) {
  if (log === null) return [];
  const bytes = utf8(log.get("checkpoint"));
  const { origin, root } = readCheckpoint(readNote(bytes));
  return [
    { name: `occasio:log:${origin}`, digest: hex(root) },
    { name: "occasio:checkpoint", digest: sha256Hex(bytes) },
  ];
}
