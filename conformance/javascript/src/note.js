/** C2SP signed notes and the checkpoints in them (SPEC 7.2). Knows no log and no tree. */

import { decodeUtf8, fromBase64, hex, utf8 } from "./encoding.js";
import { ensure, reject, renamed } from "./rejection.js";
import { isValidSignature } from "./signature.js";

/** Bytes of a checkpoint (SPEC 15). */
export const MAX_NOTE_BYTES = 65_536;
const MAX_SIGNATURES = 100;
const KEY_ID_BYTES = 4;
const CONTROL_CHARACTER = /[\u0000-\u0009\u000b-\u001f]/;
// C2SP signed-note forbids all spaces of Unicode in a name, not U+0020 alone
const SIGNATURE_LINE = /^\u2014 ([^\p{White_Space}+]+) ([A-Za-z0-9+/=]+)$/u;
const SIZE = /^(0|[1-9][0-9]{0,15})$/;
const ROOT_BYTES = 32;

/**
 * @typedef {object} Note
 * @property {string} text what is signed, with its last `\n`
 * @property {{name: string, id: string, signature: Uint8Array}[]} signatures
 */

/** @typedef {{origin: string, size: number, root: Uint8Array}} Checkpoint */

/**
 * The note in these bytes; else a Rejection `note-form`.
 * @param {Uint8Array} bytes
 * @returns {Note}
 */
export function readNote(bytes) {
  ensure(bytes.length <= MAX_NOTE_BYTES, "note-form", "too large");
  const whole = noteText(bytes);
  const end = whole.lastIndexOf("\n\n");
  ensure(end >= 0 && whole.endsWith("\n"), "note-form", "no signature lines");
  const lines = whole.slice(end + 2, -1).split("\n");
  ensure(lines.length <= MAX_SIGNATURES, "note-form", "too many signatures");
  return { text: whole.slice(0, end + 1), signatures: lines.map(readSignatureLine) };
}

function noteText(bytes) {
  const whole = renamed("note-form", () => decodeUtf8(bytes));
  ensure(!CONTROL_CHARACTER.test(whole), "note-form", "a control character");
  return whole;
}

function readSignatureLine(line) {
  const [, name, text] = SIGNATURE_LINE.exec(line) ?? reject("note-form", "not a signature line");
  const bytes = fromBase64(text);
  ensure(bytes !== null && bytes.length > KEY_ID_BYTES, "note-form", "not a signature");
  return { name, id: hex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.subarray(KEY_ID_BYTES) };
}

/**
 * The names of the known keys that signed the note, in its order; none means that it is not authenticated. A Rejection
 * `note-signature` if a signature names a known key and does not hold.
 * @param {Note} note
 * @param {import("./keys.js").NoteKey[]} keys
 * @returns {Promise<string[]>}
 */
export async function signersOf(note, keys) {
  const message = utf8(note.text);
  const names = [];
  for (const { name, id, signature } of note.signatures) {
    const known = keys.find((key) => key.name === name && key.id === id);
    if (!known) continue;
    ensure(await isValidSignature(known.key, message, signature), "note-signature", name);
    names.push(name);
  }
  return names;
}

/**
 * The checkpoint in a note; else a Rejection `checkpoint-form`.
 * @param {Note} note
 * @returns {Checkpoint}
 */
export function readCheckpoint(note) {
  const [origin, size, root, ...extensions] = note.text.slice(0, -1).split("\n");
  ensure(origin !== "", "checkpoint-form", "no origin");
  ensure(SIZE.test(size) && Number.isSafeInteger(Number(size)), "checkpoint-form", "not a size");
  const rootBytes = root === undefined ? null : fromBase64(root);
  ensure(rootBytes?.length === ROOT_BYTES, "checkpoint-form", "not a root");
  ensure(!extensions.includes(""), "checkpoint-form", "an empty extension line");
  return { origin, size: Number(size), root: rootBytes };
}

/**
 * The origin of the log that begins with a row of this hash.
 * @param {string} firstHash hex64
 */
export function originOf(firstHash) {
  return `occasio.local/${firstHash.slice(0, 32)}`;
}
