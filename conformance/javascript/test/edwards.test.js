import assert from "node:assert/strict";
import { test } from "node:test";

import { isCanonicalPoint, isSoundKey, littleEndian } from "../src/edwards.js";
import { fromHex } from "../src/encoding.js";

const FIELD = 2n ** 255n - 19n;
const BASE_POINT = fromHex(`58${"66".repeat(31)}`); // RFC 8032 section 5.1

function encoded(number) {
  return fromHex(number.toString(16).padStart(64, "0")).reverse();
}

test("the base point is sound, with either sign", () => {
  assert.ok(isSoundKey(BASE_POINT));
  assert.ok(isSoundKey(encoded(littleEndian(BASE_POINT) | (1n << 255n))));
});

test("a y that no point has is no key", () => assert.ok(!isSoundKey(encoded(2n))));

test("a second spelling of a point is no key", () => {
  assert.ok(isSoundKey(encoded(3n)));
  assert.ok(!isSoundKey(encoded(FIELD + 3n)));
  assert.ok(!isCanonicalPoint(encoded(1n | (1n << 255n))));
});

test("points of small order are no keys", () => {
  const orderEight = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
  for (const y of [0n, 1n, FIELD - 1n, orderEight]) assert.ok(!isSoundKey(encoded(y)));
});
