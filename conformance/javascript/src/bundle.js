/** A bundle, checked as SPEC 11 says: ten checks in order, each reported. Knows no files and no command line. */

import { parseBundle } from "./document.js";
import { utf8 } from "./encoding.js";
import { isKnownKind } from "./kinds.js";
import * as nativeProfile from "./native-profile.js";
import * as nodeProfile from "./node-profile.js";
import { NotChecked, Rejection, ensure, reject } from "./rejection.js";
import { Checklist } from "./report.js";
import { isString } from "./shapes.js";
import { isValidSignature } from "./signature.js";
import { PAYLOAD_TYPE, pae, readKeyBundle, readSigstoreBundle } from "./statement.js";

const BRACE = 0x7b;
const SCHEMA_PREFIX = "occasio-bundle/";
const SCHEMA = "occasio-bundle/v1";
const NO_REPORT = ["not-a-bundle", "bundle-version"];
const AFTER_FORMAT = [
  "manifest",
  "rows",
  "run-chain",
  "log-position",
  "predicate",
  "policy",
  "statement",
  "signature",
  "signer",
];

/**
 * @typedef {object} Acquaintances what the caller knows
 * @property {import("./keys.js").PublicKey[]} [keys]
 * @property {boolean} [named] whether the caller named these keys for this bundle, or only accepted them earlier; without
 *   any key that an identity was named
 * @property {import("./keys.js").NoteKey[]} [logKeys]
 * @property {import("./cosignature.js").WitnessPolicy | null} [witnesses]
 */

/**
 * @typedef {object} BundleReport
 * @property {string | null} profile `native` or `node`; null if the file is not well-formed
 * @property {import("./report.js").Check[]} checks the ten of SPEC 11, in order; the node profile has no `log-position`
 * @property {import("./report.js").Verdict} verdict
 * @property {number} unknownKinds how many rows are of a kind that this version does not know
 * @property {Map<string, any> | null} bundle what was checked; null if the file is not well-formed
 */

/**
 * What the checks say of a file; a Rejection `not-a-bundle` or `bundle-version` if there is nothing to check.
 * @param {Uint8Array} file
 * @param {Acquaintances} [acquaintances]
 * @returns {Promise<BundleReport>}
 */
export async function verifyBundle(file, acquaintances = {}) {
  const { keys = [], named: isNamed = false } = acquaintances;
  const checklist = new Checklist();
  const opened = await checklist.make("format", [], () => open(file));
  if (!opened) {
    if (NO_REPORT.includes(checklist.find("format").code)) reject(checklist.find("format").code);
    for (const name of AFTER_FORMAT) checklist.skip(name, "earlier-failure");
    return report(checklist, null, null);
  }
  const { bundle, profile } = opened;
  await checkContents(checklist, bundle, profile, acquaintances);
  await checkSignatures(checklist, bundle, profile, keys, isNamed);
  return report(checklist, profile.name, bundle);
}

/** Check 1. */
function open(file) {
  ensure(file[0] === BRACE, "not-a-bundle");
  const bundle = parseBundle(file);
  const schema = bundle.get("schema");
  ensure(isString(schema) && schema.startsWith(SCHEMA_PREFIX), "not-a-bundle");
  ensure(schema === SCHEMA, "bundle-version", schema);
  const profile = nodeProfile.isOfThisProfile(bundle) ? nodeProfile : nativeProfile;
  profile.checkFormat(bundle, file);
  return { bundle, profile };
}

function report(checklist, profile, bundle) {
  const rows = bundle?.get("chain_slice") ?? [];
  const unknownKinds = rows.filter((row) => !isKnownKind(row.get("kind"))).length;
  return { profile, checks: checklist.checks, verdict: checklist.verdict(), unknownKinds, bundle };
}

/** Checks 2 to 7. What is derived from rows needs rows that are good, and a run that is whole. */
async function checkContents(checklist, bundle, profile, { logKeys = [], witnesses = null }) {
  await checklist.make("manifest", [], () => profile.checkManifest(bundle));
  await checklist.make("rows", [], () => profile.checkRows(bundle));
  await checklist.make("run-chain", ["rows"], () => profile.checkRunChain(bundle));
  if (profile.checkLogPosition) {
    await checklist.make("log-position", ["rows"], () => profile.checkLogPosition(bundle, logKeys, witnesses));
  }
  await checklist.make("predicate", ["rows", "run-chain"], () => profile.checkPredicate(bundle));
  await checklist.make("policy", ["rows"], () => profile.checkPolicy(bundle));
}

/** Checks 8 to 10. */
async function checkSignatures(checklist, bundle, profile, keys, isNamed) {
  if (!bundle.get("key_bundle") && bundle.get("sigstore_bundle") === null) return reportUnsigned(checklist, isNamed);
  const envelopes = await checklist.make("statement", ["rows", "run-chain"], () => checkStatement(bundle, profile));
  let isByKnownKey = false;
  await checklist.make("signature", ["statement"], async () => {
    isByKnownKey = await checkKeySignature(envelopes, keys, isNamed);
    // of a `sigstore_bundle` this verifier checks the envelope's contents only, so that none passes with one
    if (envelopes.some((envelope) => envelope.hint === null)) throw new NotChecked("sigstore-unsupported");
  });
  const { status, code } = checklist.find("signature");
  // every key that is held was named or accepted earlier
  if (isByKnownKey) await checklist.make("signer", [], () => {});
  else checklist.skip("signer", status === "not-checked" ? code : "earlier-failure");
}

async function reportUnsigned(checklist, isNamed) {
  checklist.skip("statement", "unsigned");
  if (isNamed) await checklist.make("signature", [], () => reject("signature-missing"));
  else checklist.skip("signature", "unsigned");
  checklist.skip("signer", "unsigned");
}

/** Check 8. */
function checkStatement(bundle, profile) {
  const expected = expectedStatement(bundle, profile);
  const keyBundle = bundle.get("key_bundle");
  const sigstoreBundle = bundle.get("sigstore_bundle");
  const envelopes = [
    ...(keyBundle ? [readKeyBundle(keyBundle)] : []),
    ...(sigstoreBundle ? [readSigstoreBundle(sigstoreBundle)] : []),
  ];
  for (const { payload } of envelopes) ensure(profile.isStatement(payload, expected), "statement-mismatch");
  return envelopes;
}

/** There is none if the checkpoint is none, or if the predicate has no canonical form. */
function expectedStatement(bundle, profile) {
  try {
    return profile.expectedStatement(bundle);
  } catch (error) {
    throw error instanceof Rejection ? new NotChecked("earlier-failure", error.message) : error;
  }
}

/** Check 9, for a `key_bundle` if there is one. Says whether a key that is held has signed. */
async function checkKeySignature(envelopes, keys, isNamed) {
  const byKey = envelopes.find((envelope) => envelope.hint !== null);
  if (!byKey) return false;
  const { hint, payload, signature } = byKey;
  const key = keys.find((held) => held.hint === hint);
  // an identity that was named may be that of a `sigstore_bundle`
  if (!key && isNamed && (keys.length > 0 || envelopes.length === 1)) reject("signer-mismatch", "signed by nobody named");
  if (!key) throw new NotChecked("signer-unknown", hint);
  const message = pae(utf8(PAYLOAD_TYPE), payload);
  ensure(await isValidSignature(key, message, signature), "signature-invalid");
  return true;
}
