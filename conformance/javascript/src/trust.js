/** The trust file: keys, identities and logs that were accepted earlier (SPEC 14). Knows no bundle. */

import { witnessPolicy } from "./cosignature.js";
import { utf8 } from "./encoding.js";
import { parse } from "./json.js";
import { readPem, readVkey } from "./keys.js";
import { ensure, renamed } from "./rejection.js";
import { arrayOf, exactObject, exactly, isCount, isString } from "./shapes.js";

/** Bytes of a trust file (SPEC 15). */
export const MAX_TRUST_BYTES = 1_048_576;

const identity = { name: isString, identity: isString, issuer: isString };
const isIdentity = exactObject(identity);
const isIdentityWithRepository = exactObject({ ...identity, repository: isString });

const VKEYS = arrayOf(exactObject({ name: isString, vkey: isString }));
const MEMBERS = {
  schema: exactly("occasio-trust/v1"),
  keys: arrayOf(exactObject({ name: isString, public_key: isString })),
  identities: arrayOf((value) => isIdentity(value) || isIdentityWithRepository(value)),
  logs: VKEYS,
};
const isTrust = exactObject(MEMBERS);
const asksForWitnesses = exactObject({ ...MEMBERS, witnesses: exactObject({ threshold: isCount, keys: VKEYS }) });

/**
 * @typedef {object} Trust
 * @property {{name: string, key: import("./keys.js").PublicKey}[]} keys
 * @property {{name: string, identity: string, issuer: string, repository?: string}[]} identities
 * @property {{name: string, key: import("./keys.js").NoteKey}[]} logs
 * @property {import("./cosignature.js").WitnessPolicy | null} witnesses
 */

/**
 * What a trust file says; else a Rejection `trust-form`.
 * @param {Uint8Array} file
 * @returns {Trust}
 */
export function readTrust(file) {
  return renamed("trust-form", () => {
    const document = parse(file, { limit: MAX_TRUST_BYTES });
    ensure(isTrust(document) || asksForWitnesses(document), "trust-form");
    const logs = document.get("logs").map(readLog);
    ensure(!haveTwins(logs), "trust-form", "two vkeys share a name and a key id");
    return {
      keys: document.get("keys").map(readKey),
      identities: document.get("identities").map((entry) => Object.fromEntries(entry)),
      logs,
      witnesses: readWitnesses(document.get("witnesses")),
    };
  });
}

/** Whether a signature could not be told to be by one of two different keys (SPEC 14). */
function haveTwins(logs) {
  const known = new Map();
  return logs.some(({ key }) => {
    const place = `${key.name}+${key.id}`;
    const before = known.get(place) ?? key.key.hint;
    known.set(place, before);
    return before !== key.key.hint;
  });
}

function readKey(entry) {
  return { name: entry.get("name"), key: readPem(utf8(entry.get("public_key"))) };
}

function readWitnesses(value) {
  if (value === undefined) return null;
  return witnessPolicy(value.get("threshold"), value.get("keys").map((entry) => entry.get("vkey")));
}

function readLog(entry) {
  const key = readVkey(entry.get("vkey"));
  ensure(key !== null, "trust-form", "not a vkey");
  return { name: entry.get("name"), key };
}
