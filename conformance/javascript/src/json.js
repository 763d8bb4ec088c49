/**
 * Strict JSON (SPEC 3.1). Knows the grammar and the codes, and nothing of rows or bundles.
 *
 * An object becomes a Map, which keeps the order of the file and has no inherited names. A number without fraction and
 * exponent becomes a number; any other a `Float`, because rows refuse what a plain number would hide (SPEC 3.3).
 */

import { decodeUtf8 } from "./encoding.js";
import { reject } from "./rejection.js";

/** Levels of a document (SPEC 15). */
export const MAX_DEPTH = 64;

const BOM = 0xfeff;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const LONE_SURROGATE = /\p{Surrogate}/u;
const SIMPLE_ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WORDS = new Map([["true", true], ["false", false], ["null", null]]);
const NOT_FINITE = ["NaN", "Infinity", "-Infinity"];

/** A number that was written with a fraction or an exponent. */
export class Float {
  /** @param {number} value finite */
  constructor(value) {
    this.value = value;
  }
}

/**
 * @typedef {null | boolean | number | string | Float | JsonValue[] | Map<string, JsonValue>} JsonValue
 */

/** @param {Record<string, JsonValue>} members @returns {Map<string, JsonValue>} the same as an object of this parser */
export function object(members) {
  return new Map(Object.entries(members));
}

/**
 * The value of a JSON document; else a Rejection with a code of SPEC 3.1.
 * @param {Uint8Array} bytes
 * @param {{limit?: number, depth?: number, floats?: boolean}} [rules] the largest number of bytes (`too-large`), the
 *   number of levels (`too-deep`), and whether fractions and exponents may occur (else `float`, SPEC 3.3)
 * @returns {JsonValue}
 */
export function parse(bytes, { limit = Infinity, depth = MAX_DEPTH, floats = true } = {}) {
  if (bytes.length > limit) reject("too-large", `more than ${limit} bytes`);
  const text = decodeUtf8(bytes);
  if (text.charCodeAt(0) === BOM) reject("bom");
  return new Parser(text, depth, floats).document();
}

/** @param {string} text @returns {boolean} whether a surrogate stands without its other half */
export function hasLoneSurrogate(text) {
  return LONE_SURROGATE.test(text);
}

class Parser {
  constructor(text, depth, floats) {
    this.text = text;
    this.at = 0;
    this.levelsLeft = depth;
    this.floats = floats;
  }

  document() {
    this.skipSpace();
    const value = this.value();
    this.skipSpace();
    if (this.at < this.text.length) this.fail("something stands after the value");
    return value;
  }

  value() {
    switch (this.text[this.at]) {
      case "{":
        return this.nested(() => this.object());
      case "[":
        return this.nested(() => this.array());
      case '"':
        return this.string();
      default:
        return this.wordOrNumber();
    }
  }

  /** Reads an array or object one level deeper; the limit keeps the recursion shallow. */
  nested(read) {
    if (this.levelsLeft === 0) reject("too-deep");
    this.levelsLeft -= 1;
    this.at += 1;
    const value = read();
    this.levelsLeft += 1;
    return value;
  }

  object() {
    const members = new Map();
    this.skipSpace();
    if (this.accept("}")) return members;
    do {
      this.skipSpace();
      if (this.text[this.at] !== '"') this.fail("a name was expected");
      const name = this.string();
      if (members.has(name)) reject("duplicate-key", JSON.stringify(name));
      this.skipSpace();
      if (!this.accept(":")) this.fail("`:` was expected");
      this.skipSpace();
      members.set(name, this.value());
      this.skipSpace();
    } while (this.accept(","));
    if (!this.accept("}")) this.fail("`,` or `}` was expected");
    return members;
  }

  array() {
    const items = [];
    this.skipSpace();
    if (this.accept("]")) return items;
    do {
      this.skipSpace();
      items.push(this.value());
      this.skipSpace();
    } while (this.accept(","));
    if (!this.accept("]")) this.fail("`,` or `]` was expected");
    return items;
  }

  string() {
    this.at += 1;
    const pieces = [];
    let from = this.at;
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit === QUOTE) break;
      if (!(unit >= 0x20)) this.fail("a string ends in the middle or holds a control character");
      this.at += 1;
      if (unit !== BACKSLASH) continue;
      pieces.push(this.text.slice(from, this.at - 1), this.escape());
      from = this.at;
    }
    pieces.push(this.text.slice(from, this.at));
    this.at += 1;
    const value = pieces.join("");
    if (pieces.length > 1 && hasLoneSurrogate(value)) reject("lone-surrogate");
    return value;
  }

  /** Reads an escape behind its backslash. */
  escape() {
    const letter = this.text[this.at];
    this.at += 1;
    if (letter !== "u") return SIMPLE_ESCAPES[letter] ?? this.fail("an unknown escape");
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9A-Fa-f]{4}$/.test(digits)) this.fail("four hexadecimal digits were expected");
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  number() {
    const from = this.at;
    if (this.text.charCodeAt(this.at) === MINUS) this.at += 1;
    const digitsFrom = this.at;
    this.digits();
    if (this.text.charCodeAt(digitsFrom) === ZERO && this.at > digitsFrom + 1) this.fail("a number begins with 0");
    const isInteger = !this.fractionAndExponent();
    const literal = this.text.slice(from, this.at);
    return isInteger ? integer(literal) : this.float(literal);
  }

  /** @returns {boolean} whether there was one of them */
  fractionAndExponent() {
    const from = this.at;
    if (this.accept(".")) this.digits();
    if (this.accept("e") || this.accept("E")) {
      if (!this.accept("+")) this.accept("-");
      this.digits();
    }
    return this.at > from;
  }

  digits() {
    const from = this.at;
    while (this.isDigit()) this.at += 1;
    if (this.at === from) this.fail("a value or a digit was expected");
  }

  isDigit() {
    const unit = this.text.charCodeAt(this.at);
    return unit >= ZERO && unit <= NINE;
  }

  float(literal) {
    if (!this.floats) reject("float");
    const value = Number(literal);
    if (!Number.isFinite(value)) reject("number-not-finite");
    return new Float(value);
  }

  wordOrNumber() {
    for (const name of NOT_FINITE) if (this.text.startsWith(name, this.at)) reject("number-not-finite", name);
    for (const [name, value] of WORDS) {
      if (!this.text.startsWith(name, this.at)) continue;
      this.at += name.length;
      return value;
    }
    return this.number();
  }

  skipSpace() {
    while (" \t\n\r".includes(this.text[this.at] ?? "?")) this.at += 1;
  }

  accept(character) {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  fail(detail) {
    reject("not-json", `${detail}, at character ${this.at}`);
  }
}

/** SPEC 3.1; no text of more than 17 characters is in range, so that a long one costs nothing. */
function integer(literal) {
  const value = literal.length <= 17 ? Number(literal) : NaN;
  if (!Number.isSafeInteger(value)) reject("integer-range");
  return value + 0; // -0 is 0
}
