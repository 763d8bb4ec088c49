/** The canonical form of RFC 8785 (SPEC 3.2). Knows values as `json.js` reads them, and no bytes. */

import { Float, MAX_DEPTH, hasLoneSurrogate } from "./json.js";
import { reject } from "./rejection.js";

/**
 * The text of JCS(value), of which the bytes are the UTF-8; else a Rejection `lone-surrogate`, `number-not-finite`,
 * `integer-range` or `too-deep`.
 * @param {import("./json.js").JsonValue} value
 * @returns {string}
 */
export function canonical(value) {
  const pieces = [];
  write(value, sortedNames, MAX_DEPTH, pieces);
  return pieces.join("");
}

/**
 * The text of a value with the members in the order of the file: as `canonical`, but not sorted (SPEC 17).
 * @param {import("./json.js").JsonValue} value
 * @returns {string}
 */
export function inFileOrder(value) {
  const pieces = [];
  write(value, (object) => object.keys(), MAX_DEPTH, pieces);
  return pieces.join("");
}

/** Array.prototype.sort compares UTF-16 code units, which is the order of RFC 8785 section 3.2.3. */
function sortedNames(object) {
  return [...object.keys()].sort();
}

function write(value, names, levelsLeft, pieces) {
  if (Array.isArray(value)) writeArray(value, names, levelsLeft, pieces);
  else if (value instanceof Map) writeObject(value, names, levelsLeft, pieces);
  else pieces.push(scalar(value));
}

function writeArray(array, names, levelsLeft, pieces) {
  if (levelsLeft === 0) reject("too-deep");
  pieces.push("[");
  array.forEach((item, i) => {
    if (i > 0) pieces.push(",");
    write(item, names, levelsLeft - 1, pieces);
  });
  pieces.push("]");
}

function writeObject(object, names, levelsLeft, pieces) {
  if (levelsLeft === 0) reject("too-deep");
  let separator = "{";
  for (const name of names(object)) {
    pieces.push(separator, string(name), ":");
    write(object.get(name), names, levelsLeft - 1, pieces);
    separator = ",";
  }
  pieces.push(separator === "{" ? "{}" : "}");
}

function scalar(value) {
  if (typeof value === "string") return string(value);
  if (typeof value === "number") return integer(value);
  if (value instanceof Float) return float(value.value);
  return String(value); // true, false, null
}

/** JSON.stringify writes the escapes of RFC 8785 section 3.2.2.2, which were taken from it. */
function string(text) {
  if (hasLoneSurrogate(text)) reject("lone-surrogate");
  return JSON.stringify(text);
}

function integer(value) {
  if (!Number.isSafeInteger(value)) reject("integer-range");
  return String(value);
}

/** ECMA-262 Number::toString, which writes -0 as 0. */
function float(value) {
  if (!Number.isFinite(value)) reject("number-not-finite");
  return String(value);
}
