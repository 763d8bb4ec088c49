/** Proofs that carry their checkpoint: of one row (SPEC 7.5), and that a log goes on (SPEC 7.6). */

import { checkWitnesses } from "./cosignature.js";
import { fromBase64 } from "./encoding.js";
import { checkConsistency, checkInclusion } from "./merkle.js";
import { readCheckpoint, readNote, signersOf } from "./note.js";
import { ensure, reject } from "./rejection.js";
import { readLine } from "./rows.js";

/** Bytes of either file (SPEC 15). */
export const MAX_PROOF_BYTES = 131_072;
const MAX_HASHES = 63;
const HASH_BYTES = 32;
const HEADER = "c2sp.org/tlog-proof@v1";
const LINE_END = 0x0a;

/**
 * What the proof of a row shows.
 * @param {Uint8Array} file a `.tlog-proof`
 * @param {Uint8Array} line the row
 * @param {import("./keys.js").NoteKey[]} logKeys
 * @param {import("./cosignature.js").WitnessPolicy | null} witnesses
 * @returns {Promise<{index: number, size: number, verdict: import("./report.js").Verdict, not_checked: string[][]}>}
 */
export async function verifyProof(file, line, logKeys, witnesses) {
  const { index, hashes, note, checkpoint } = readProof(file);
  const row = readLine(line);
  ensure(row.get("seq") === index, "log-seq", "the proof is for another row");
  checkInclusion(line, index, checkpoint.size, hashes, checkpoint.root);
  return { index, size: checkpoint.size, ...(await standing(note, logKeys, witnesses)) };
}

/**
 * What an extension shows to one who kept the checkpoint `old`.
 * @param {Uint8Array} old
 * @param {Uint8Array} file
 * @param {import("./keys.js").NoteKey[]} logKeys
 * @param {import("./cosignature.js").WitnessPolicy | null} witnesses
 * @returns {Promise<{old_size: number, size: number, verdict: import("./report.js").Verdict, not_checked: string[][]}>}
 */
export async function verifyExtension(old, file, logKeys, witnesses) {
  const { oldSize, hashes, note, checkpoint } = readExtension(file);
  const keptNote = readNote(old);
  const kept = readCheckpoint(keptNote);
  await signersOf(keptNote, logKeys);
  ensure(kept.origin === checkpoint.origin, "checkpoint-origin");
  ensure(kept.size > 0, "checkpoint-root", "an empty checkpoint shows nothing");
  ensure(kept.size === oldSize, "extension-size");
  checkConsistency(oldSize, checkpoint.size, hashes, kept.root, checkpoint.root);
  return { old_size: oldSize, size: checkpoint.size, ...(await standing(note, logKeys, witnesses)) };
}

/** The verdict, and what is left unchecked: `[check, code]`. */
async function standing(note, logKeys, witnesses) {
  const signers = await signersOf(note, logKeys);
  await checkWitnesses(note, witnesses);
  if (signers.length > 0) return { verdict: "VERIFIED", not_checked: [] };
  return { verdict: "INTACT", not_checked: [["checkpoint", "log-unknown"]] };
}

function readProof(file) {
  const code = "tlog-proof-form";
  const { lines, rest } = parts(file, code);
  ensure(lines.shift() === HEADER, code, "another first line");
  if (lines[0]?.startsWith("extra ")) ensure(fromBase64(lines.shift().slice(6)) !== null, code, "extra");
  const index = numberIn(lines.shift(), "index ", code);
  return { index, hashes: readHashes(lines, code), ...readNoted(rest) };
}

function readExtension(file) {
  const code = "extension-form";
  const { lines, rest } = parts(file, code);
  const oldSize = numberIn(lines.shift(), "old ", code);
  return { oldSize, hashes: readHashes(lines, code), ...readNoted(rest) };
}

function readNoted(bytes) {
  const note = readNote(bytes);
  return { note, checkpoint: readCheckpoint(note) };
}

/** The lines before the first empty one, in ASCII, and the bytes behind it. */
function parts(file, code) {
  ensure(file.length <= MAX_PROOF_BYTES, code, "too large");
  const end = file.findIndex((byte, at) => byte === LINE_END && file[at + 1] === LINE_END);
  const head = file.subarray(0, end);
  ensure(end >= 0 && head.every((byte) => byte < 0x80), code, "no empty line, or a letter beyond ASCII");
  const text = Array.from(head, (byte) => String.fromCharCode(byte)).join("");
  return { lines: text.split("\n"), rest: file.subarray(end + 2) };
}

function numberIn(line, name, code) {
  const digits = line?.startsWith(name) ? line.slice(name.length) : "";
  ensure(/^(0|[1-9][0-9]{0,15})$/.test(digits) && Number.isSafeInteger(Number(digits)), code, name);
  return Number(digits);
}

function readHashes(lines, code) {
  ensure(lines.length <= MAX_HASHES, code, "too many hashes");
  return lines.map((line) => {
    const hash = fromBase64(line);
    return hash?.length === HASH_BYTES ? hash : reject(code, "not a hash");
  });
}
