/** Bytes as text and back: UTF-8, hexadecimal, base64 (SPEC 2). Knows no JSON and no hashes. */

import { reject } from "./rejection.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DIGITS = new Map([...ALPHABET].map((digit, value) => [digit.charCodeAt(0), value]));
const PAD = "=".charCodeAt(0);

const encoder = new TextEncoder();

/** @param {string} text @returns {Uint8Array} */
export function utf8(text) {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes, a leading U+FEFF included; else a Rejection `utf8`. */
export function decodeUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return reject("utf8");
  }
}

/** @param {Uint8Array} bytes @returns {string} lower-case hexadecimal digits */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text an even number of hexadecimal digits @returns {Uint8Array} */
export function fromHex(text) {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** RFC 4648 section 4, with padding. */
export function base64(bytes) {
  const pieces = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    pieces.push(
      ALPHABET[group >> 18] +
        ALPHABET[(group >> 12) & 63] +
        (left > 1 ? ALPHABET[(group >> 6) & 63] : "=") +
        (left > 2 ? ALPHABET[group & 63] : "="),
    );
  }
  return pieces.join("");
}

/**
 * The bytes of canonical base64: encoding them again gives the same text (SPEC 2).
 * @param {string} text
 * @returns {Uint8Array | null} null if the text is anything else
 */
export function fromBase64(text) {
  if (text.length % 4 !== 0) return null;
  const padding = paddingOf(text);
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let group = 0;
  let written = 0;
  for (let i = 0; i < text.length; i++) {
    const value = i < text.length - padding ? DIGITS.get(text.charCodeAt(i)) : 0;
    if (value === undefined) return null;
    group = (group << 6) | value;
    if (i % 4 !== 3) continue;
    for (const shift of [16, 8, 0]) if (written < bytes.length) bytes[written++] = (group >> shift) & 255;
    // bits behind the last byte must be zero, or two texts would mean the same bytes
    if (i === text.length - 1 && group & ((1 << (8 * padding)) - 1)) return null;
    group = 0;
  }
  return bytes;
}

function paddingOf(text) {
  if (text.charCodeAt(text.length - 1) !== PAD) return 0;
  return text.charCodeAt(text.length - 2) === PAD ? 2 : 1;
}

/** @param {Uint8Array[]} parts @returns {Uint8Array} */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} a @param {Uint8Array} b */
export function sameBytes(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
