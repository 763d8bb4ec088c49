/** What witnesses add to a checkpoint, and how many are asked for (SPEC 7.4). Knows notes, no logs and no clocks. */

import { utf8 } from "./encoding.js";
import { COSIGNATURE, readVkey } from "./keys.js";
import { ensure, reject } from "./rejection.js";
import { isValidSignature } from "./signature.js";

const TIME_BYTES = 8;
const COSIGNATURE_BYTES = TIME_BYTES + 64;
const LATEST = 2n ** 63n - 1n;

/** @typedef {{threshold: number, keys: import("./keys.js").NoteKey[]}} WitnessPolicy */

/**
 * The policy that asks for so many of the witnesses with these vkeys; else a Rejection `note-form`. Nobody counts twice.
 * @param {number} threshold
 * @param {string[]} vkeys
 * @returns {WitnessPolicy}
 */
export function witnessPolicy(threshold, vkeys) {
  const keys = readCosigners(vkeys);
  const different = new Set(keys.map(({ key }) => key.hint)).size;
  ensure(different === keys.length, "note-form", "one key is listed as two witnesses");
  ensure(threshold >= 1 && threshold <= different, "note-form", "a threshold that cannot be met, or is none");
  return { threshold, keys };
}

/** @param {string[]} vkeys @returns {import("./keys.js").NoteKey[]} */
export function readCosigners(vkeys) {
  return vkeys.map((vkey) => readVkey(vkey, COSIGNATURE) ?? reject("note-form", "not the vkey of a witness"));
}

/**
 * Who of these witnesses cosigned, each once, and when; a Rejection `note-signature` for a cosignature that does not hold.
 * @param {import("./note.js").Note} note
 * @param {import("./keys.js").NoteKey[]} keys
 * @returns {Promise<{name: string, time: bigint}[]>}
 */
export async function cosignersOf(note, keys) {
  const found = new Map();
  for (const { name, id, signature } of note.signatures) {
    const known = keys.find((key) => key.name === name && key.id === id);
    if (!known) continue;
    const time = await timeOf(note, known, signature);
    if (!found.has(known)) found.set(known, { name, time });
  }
  return [...found.values()];
}

async function timeOf(note, { name, key }, blob) {
  ensure(blob.length === COSIGNATURE_BYTES, "note-signature", name);
  const time = new DataView(blob.buffer, blob.byteOffset, TIME_BYTES).getBigUint64(0);
  ensure(time <= LATEST, "note-signature", name);
  const message = utf8(`cosignature/v1\ntime ${time}\n${note.text}`);
  ensure(await isValidSignature(key, message, blob.subarray(TIME_BYTES)), "note-signature", name);
  return time;
}

/**
 * A Rejection `witness-missing` if fewer witnesses cosigned than the policy asks for; null asks for nobody.
 * @param {import("./note.js").Note} note
 * @param {WitnessPolicy | null} policy
 */
export async function checkWitnesses(note, policy) {
  if (policy === null) return;
  const found = await cosignersOf(note, policy.keys);
  ensure(found.length >= policy.threshold, "witness-missing", `${found.length} of ${policy.threshold}`);
}
