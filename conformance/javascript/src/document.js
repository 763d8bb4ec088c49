/** How much of a bundle is read (SPEC 15). Knows none of its members. */

import { parse } from "./json.js";
import { ensure } from "./rejection.js";

/** Bytes of a bundle file. */
export const MAX_BUNDLE_BYTES = 100_663_296;

const MAX_COMMAS = 2_500_000;
const MAX_BRACKETS = 1_000_000;
const COMMA = 0x2c;
const OPENING_BRACKETS = [0x5b, 0x7b];

/**
 * The value of a bundle, or of a document inside of one. What takes much memory as values is counted before there are any.
 * @param {Uint8Array} bytes
 * @returns {import("./json.js").JsonValue}
 */
export function parseBundle(bytes) {
  ensure(bytes.length <= MAX_BUNDLE_BYTES, "too-large", `more than ${MAX_BUNDLE_BYTES} bytes`);
  let commas = 0;
  let brackets = 0;
  for (const byte of bytes) {
    if (byte === COMMA) commas += 1;
    else if (OPENING_BRACKETS.includes(byte)) brackets += 1;
  }
  ensure(commas <= MAX_COMMAS, "too-large", `${commas} commas`);
  ensure(brackets <= MAX_BRACKETS, "too-large", `${brackets} opening brackets`);
  return parse(bytes);
}
