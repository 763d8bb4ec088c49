/** SPEC 3.1. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { utf8 } from "../src/encoding.js";
import { Float, parse } from "../src/json.js";

const REFUSED = {
  "not-json": [
    "", " ", "{", "[1,]", '{"a":1,}', "01", "-", "1.", ".5", "1e", "+1", "tru", "'a'", '"\n"', '"\\x"', "1 2", "\u00a01",
  ],
  "duplicate-key": ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '[{"b":{"c":0,"c":0}}]'],
  "lone-surrogate": ['"\\ud800"', '"\\udc00\\ud800"', '{"\\udfff":1}', '"\\ud83dx\\ude00"'],
  "number-not-finite": ["NaN", "[Infinity]", "-Infinity", "1e400", "-1.5e309"],
  "integer-range": ["9007199254740992", "-9007199254740992", "9".repeat(400)],
  "too-deep": ["[".repeat(65), "[".repeat(1_000_000), '{"a":'.repeat(100_000)],
  bom: ["\ufeff1"],
};

for (const [code, texts] of Object.entries(REFUSED)) {
  test(`what breaks a rule is refused with ${code}`, () => {
    for (const text of texts) assert.throws(() => parse(utf8(text)), { code }, text.slice(0, 40));
  });
}

test("bytes that are not UTF-8 are refused", () => {
  for (const bytes of [[0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]]) {
    assert.throws(() => parse(Uint8Array.from(bytes)), { code: "utf8" });
  }
});

test("a document is refused by its size before it is read", () => {
  assert.throws(() => parse(Uint8Array.of(0xff, 0xff), { limit: 1 }), { code: "too-large" });
});

test("64 levels are read", () => {
  assert.doesNotThrow(() => parse(utf8("[".repeat(64) + "]".repeat(64))));
});

test("an escaped pair is one character", () => {
  assert.equal(parse(utf8('"\\uD83D\\uDE00"')), "😀");
});

test("a fraction or exponent is told from an integer of the same value", () => {
  assert.deepEqual(parse(utf8("[1,1.0,1e0,-0]")), [1, new Float(1), new Float(1), 0]);
  assert.throws(() => parse(utf8("[1.0]"), { floats: false }), { code: "float" });
});

test("no name reaches what objects inherit", () => {
  const value = parse(utf8('{"__proto__":{"kind":"x"},"constructor":null}'));
  assert.deepEqual([...value.keys()], ["__proto__", "constructor"]);
  assert.equal(value.get("toString"), undefined);
});
