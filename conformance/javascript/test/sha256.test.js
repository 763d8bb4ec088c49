/** FIPS 180-4, against the implementation of the platform. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { base64, fromBase64, hex } from "../src/encoding.js";
import { sha256 } from "../src/sha256.js";

const bytesOf = (length) => Uint8Array.from({ length }, (_, i) => (i * 167 + length) % 256);

test("every length up to four blocks has the digest of the platform", () => {
  for (let length = 0; length <= 256; length++) {
    const bytes = bytesOf(length);
    assert.equal(hex(sha256(bytes)), createHash("sha256").update(bytes).digest("hex"));
  }
});

test("base64 is that of the platform, and goes back", () => {
  for (let length = 0; length <= 66; length++) {
    const text = base64(bytesOf(length));
    assert.equal(text, Buffer.from(bytesOf(length)).toString("base64"));
    assert.deepEqual(fromBase64(text), bytesOf(length));
  }
});

test("base64 that another text would say as well is refused", () => {
  for (const text of ["QR==", "QUF=", "QQ", "QQ=", "QQ==\n", "Q===", "====", "QQ==QQ==", "QQ-_"]) {
    assert.equal(fromBase64(text), null, text);
  }
});
