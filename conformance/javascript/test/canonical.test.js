/** SPEC 3.2, RFC 8785. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { canonical, inFileOrder } from "../src/canonical.js";
import { utf8 } from "../src/encoding.js";
import { parse } from "../src/json.js";

const form = (text) => canonical(parse(utf8(text)));

/** RFC 8785 appendix B, and the borders where Number::toString changes its notation. */
const NUMBERS = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
];

for (const [bits, text] of NUMBERS) {
  test(`the double ${bits} is written ${text}`, () => {
    const double = Buffer.from(bits, "hex").readDoubleBE();
    // an exponent keeps the parser from reading an integer
    assert.equal(form(double.toExponential()), text);
  });
}

test("names are sorted by UTF-16 code units", () => {
  assert.equal(form('{"\\ufb33":2,"\\ud83d\\ude00":3,"\\u20ac":1}'), '{"€":1,"😀":3,"\ufb33":2}');
});

test("names that look like numbers are sorted as text, and keep their place in the order of the file", () => {
  assert.equal(form('{"9":1,"10":2,"b":{},"a":[]}'), '{"10":2,"9":1,"a":[],"b":{}}');
  assert.equal(inFileOrder(parse(utf8('{"b":1, "9":1, "10":2}'))), '{"b":1,"9":1,"10":2}');
});

test("only what must be escaped is escaped, in the shortest way", () => {
  assert.equal(form('"\\u0008\\u000b\\/\\u007f\\u2028\\"\\\\"'), '"\\b\\u000b/\u007f\u2028\\"\\\\"');
});

test("a value without a canonical form is refused by code", () => {
  assert.throws(() => canonical("\ud800"), { code: "lone-surrogate" });
  assert.throws(() => canonical(2 ** 53), { code: "integer-range" });
  const nested = Array.from({ length: 64 }).reduce((inner) => [inner], []);
  assert.throws(() => canonical(nested), { code: "too-deep" });
});
