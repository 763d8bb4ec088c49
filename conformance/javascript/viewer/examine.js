/** Files a person opened -> what is to be shown of them, as plain values. Knows no page; runs apart from it. */

import { verifyBundle } from "../src/bundle.js";
import { MAX_BUNDLE_BYTES } from "../src/document.js";
import { readKeyFile } from "../src/keys.js";
import { Rejection } from "../src/rejection.js";
import { readKeyBundle } from "../src/statement.js";
import { MAX_TRUST_BYTES, readTrust } from "../src/trust.js";
import { differences } from "./differences.js";
import { events } from "./events.js";
import { facts } from "./facts.js";

/**
 * @typedef {object} Opened
 * @property {string} name
 * @property {"bundle" | "key" | "trust" | "refused"} role
 * @property {string | null} why one line, if it was refused
 */

const TRUST_SCHEMA = "occasio-trust/v1";
const BRACE = 0x7b;

/**
 * @param {{name: string, bytes: Uint8Array}[]} files
 * @returns {Promise<{opened: Opened[], view: object | null}>} the view of the bundle, if there is one among them and none
 *   was refused
 */
export async function examine(files) {
  const read = files.map(roleOf);
  const bundle = read.findLast((file) => file.role === "bundle");
  // a key or a trust file that could not be read may have asked for more than was checked: then there is no verdict
  const isWhole = read.every((file) => file.role !== "refused");
  const view = bundle && isWhole ? await viewOf(bundle, acquaintancesIn(read)) : null;
  return { opened: read.map(({ name, role, why }) => ({ name, role, why })), view };
}

function roleOf({ name, bytes }) {
  try {
    if (looksLikeTrust(bytes)) return { name, role: "trust", trust: readTrust(bytes), why: null };
    if (looksLikeJson(bytes)) return { name, role: "bundle", bytes, why: null };
    return { name, role: "key", key: readKeyFile(bytes), why: null };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { name, role: "refused", why: `no bundle, no public key and no trust file: ${error.message}` };
  }
}

function looksLikeJson(bytes) {
  return bytes.find((byte) => byte > 0x20) === BRACE;
}

function looksLikeTrust(bytes) {
  return bytes.length <= MAX_TRUST_BYTES && looksLikeJson(bytes) && new TextDecoder().decode(bytes).includes(`"${TRUST_SCHEMA}"`);
}

const NO_TRUST = { keys: [], logs: [], witnesses: null };

/** As on the command line: one trust file, and keys that were named stand before those that were accepted earlier. */
function acquaintancesIn(read) {
  const trust = read.findLast((file) => file.role === "trust")?.trust ?? NO_TRUST;
  const named = read.filter((file) => file.role === "key").map(({ name, key }) => ({ name, key }));
  const known = { named: named.length > 0, logKeys: trust.logs.map(({ key }) => key), witnesses: trust.witnesses };
  return { held: named.length > 0 ? named : trust.keys, known };
}

async function viewOf({ name, bytes }, { held, known }) {
  try {
    const report = await verifyBundle(bytes, { ...known, keys: held.map(({ key }) => key) });
    return { file: name, ...headOf(report, held), ...(report.bundle ? contentsOf(report) : {}) };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { file: name, refused: error.message, size: bytes.length, most: MAX_BUNDLE_BYTES };
  }
}

function headOf(report, held) {
  const { verdict, checks, profile, unknownKinds, bundle } = report;
  return {
    verdict,
    checks,
    profile,
    unknownKinds,
    signer: signerOf(report, held),
    isSigned: Boolean(bundle?.get("key_bundle") || bundle?.get("sigstore_bundle")),
    hasSigstore: Boolean(bundle?.get("sigstore_bundle")),
    differences: bundle ? differences(report) : { found: [], more: 0 },
  };
}

/** The name under which the key is held that signed; null unless that was shown. */
function signerOf({ bundle, checks }, held) {
  if (!checks.some((check) => check.name === "signer" && check.status === "pass")) return null;
  const { hint } = readKeyBundle(bundle.get("key_bundle"));
  return held.find(({ key }) => key.hint === hint).name;
}

function contentsOf(report) {
  const { bundle } = report;
  return {
    runId: bundle.get("run_id"),
    facts: facts(report),
    events: events(bundle.get("chain_slice")),
    policies: [bundle.get("policy_snapshot"), ...(bundle.get("policy_history") ?? [])]
      .filter((policy) => policy instanceof Map)
      .map((policy) => ({ path: policy.get("path"), sha256: policy.get("sha256"), text: policy.get("text") })),
  };
}
