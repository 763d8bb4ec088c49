/** Public keys as files and texts: PEM, SubjectPublicKeyInfo, C2SP vkey (SPEC 7.2, 9.3, 14). Knows no signatures. */

import { isSoundKey } from "./edwards.js";
import { base64, concat, fromBase64, fromHex, hex, sameBytes, utf8 } from "./encoding.js";
import { ensure, reject } from "./rejection.js";
import { sha256 } from "./sha256.js";

/**
 * @typedef {object} PublicKey
 * @property {"ed25519" | "p256"} algorithm
 * @property {Uint8Array} raw 32 bytes (RFC 8032), or 65 of an uncompressed point (SEC 1)
 * @property {string} hint H of SPEC 9.3
 */

/** @typedef {{name: string, id: string, key: PublicKey}} NoteKey `id` is the key id of SPEC 7.2 in hexadecimal digits */

/** Bytes of a key file (SPEC 15). */
export const MAX_KEY_BYTES = 1_048_576;

/** One block in the lax form of RFC 7468 section 3: white space may stand anywhere around and in the base64. */
const PEM = /^[ \t\r\n\v\f]*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/= \t\r\n\v\f]*)-----END PUBLIC KEY-----[ \t\r\n\v\f]*$/;

/** What stands before the key itself: RFC 8410 section 4, and RFC 5480 section 2 with the named curve secp256r1. */
const ED25519_PREFIX = fromHex("302a300506032b6570032100");
const P256_PREFIX = fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");

/** Types of signatures on notes: a log's own, and a witness's (SPEC 7.2, 7.4). */
export const NOTE_ED25519 = 1;
export const COSIGNATURE = 4;

/**
 * The key in a key file, PEM or DER; else a Rejection `key-form`.
 * @param {Uint8Array} file
 * @returns {PublicKey}
 */
export function readKeyFile(file) {
  const isDer = [ED25519_PREFIX, P256_PREFIX].some((prefix) => sameBytes(file.subarray(0, prefix.length), prefix));
  return isDer ? readSpki(file) : readPem(file);
}

/**
 * The key in a PEM file; else a Rejection `key-form`.
 * @param {Uint8Array} file
 * @returns {PublicKey}
 */
export function readPem(file) {
  ensure(file.length <= MAX_KEY_BYTES, "key-form", "too large");
  const body = PEM.exec(latin1(file))?.[1];
  const der = body === undefined ? null : fromBase64(body.replace(/[ \t\r\n\v\f]/g, ""));
  return der === null ? reject("key-form", "not one PEM block with a public key") : readSpki(der);
}

function latin1(bytes) {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/**
 * The key in a SubjectPublicKeyInfo; else a Rejection `key-form`.
 * @param {Uint8Array} der
 * @returns {PublicKey}
 */
export function readSpki(der) {
  const hint = base64(sha256(der));
  const ed25519 = behind(ED25519_PREFIX, der, 32);
  if (ed25519 && isSoundKey(ed25519)) return { algorithm: "ed25519", raw: ed25519, hint };
  const p256 = behind(P256_PREFIX, der, 65);
  if (p256 && isOnP256(p256)) return { algorithm: "p256", raw: p256, hint };
  return reject("key-form", "neither Ed25519 nor ECDSA on P-256");
}

/** The `length` bytes behind `prefix`, if that is all there is. */
function behind(prefix, der, length) {
  if (der.length !== prefix.length + length) return null;
  return sameBytes(der.subarray(0, prefix.length), prefix) ? der.slice(prefix.length) : null;
}

/** Whether the bytes are an uncompressed point of the curve, FIPS 186-5 and SP 800-186 section 3.2.1.3. */
function isOnP256(point) {
  const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
  const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
  const x = BigInt(`0x${hex(point.subarray(1, 33))}`);
  const y = BigInt(`0x${hex(point.subarray(33))}`);
  return point[0] === 4 && x < p && y < p && (y * y - (x * x * x - 3n * x + b)) % p === 0n;
}

/**
 * The key in a C2SP vkey, `name+id+base64(type || key)`.
 * @param {string} text
 * @param {number} [type]
 * @returns {NoteKey | null} null if it is anything else
 */
export function readVkey(text, type = NOTE_ED25519) {
  const parts = /^([^\p{White_Space}+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text);
  const typed = parts && fromBase64(parts[3]);
  if (!typed || typed.length !== 33 || typed[0] !== type) return null;
  const [, name, id] = parts;
  if (id !== hex(sha256(concat(utf8(`${name}\n`), typed)).subarray(0, 4))) return null;
  if (!isSoundKey(typed.subarray(1))) return null;
  return { name, id, key: readSpki(concat(ED25519_PREFIX, typed.subarray(1))) };
}
