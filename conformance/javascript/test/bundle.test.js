/** SPEC 11 and 12, on the worked example of SPEC appendix A. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import "../src/node.js";
import { verifyBundle } from "../src/bundle.js";
import { utf8 } from "../src/encoding.js";
import { readPem } from "../src/keys.js";
import { verifyLog } from "../src/log.js";
import { readCheckpoint, readNote } from "../src/note.js";
import { Rejection } from "../src/rejection.js";

const SPEC = readFileSync(new URL("../../../SPEC.md", import.meta.url), "utf8");
const block = (name) => utf8(SPEC.split(`\n\`\`\`${name}\n`)[1].split("```")[0]);

const bundle = block("bundle");
const log = block("log");
const checkpoint = readCheckpoint(readNote(block("checkpoint")));
const key = readPem(block("key"));

/** Numbers that look random and are the same each time. */
function* numbers(seed) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state;
  }
}

function mutated(bytes, random) {
  const copy = Uint8Array.from(bytes);
  const at = random.next().value % copy.length;
  copy[at] ^= 1 + ((random.next().value >>> 8) % 255);
  return copy;
}

async function* inPieces(bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const failed = (report) => report.checks.filter((check) => check.status === "fail").map((check) => check.code);

test("a bundle by a named key is verified", async () => {
  const report = await verifyBundle(bundle, { keys: [key], named: true });
  assert.equal(report.verdict, "VERIFIED");
  assert.equal(report.checks.length, 10);
});

test("a bundle by a key that nobody knows is intact", async () => {
  assert.equal((await verifyBundle(bundle)).verdict, "INTACT");
});

test("a bundle by another key than the named one is failed", async () => {
  const other = { ...key, hint: "" };
  assert.deepEqual(failed(await verifyBundle(bundle, { keys: [other], named: true })), ["signer-mismatch"]);
});

test("no platform's lack of an algorithm passes for a signature", async () => {
  const there = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true });
  try {
    const report = await verifyBundle(bundle, { keys: [key], named: true });
    assert.equal(report.verdict, "INTACT");
    assert.equal(report.checks.find((check) => check.name === "signature").code, "algorithm-unsupported");
  } finally {
    Object.defineProperty(globalThis, "crypto", there);
  }
});

test("no changed byte of a bundle goes unnoticed, and none brings the verifier down", async () => {
  const random = numbers(1);
  for (let i = 0; i < 300; i++) {
    const file = mutated(bundle, random);
    try {
      assert.equal((await verifyBundle(file, { keys: [key], named: true })).verdict, "FAILED");
    } catch (error) {
      assert.ok(error instanceof Rejection, error.stack);
    }
  }
});

test("a log is read the same in pieces of any size", async () => {
  for (const size of [1, 7, 100, 1_000_000]) {
    const report = await verifyLog(inPieces(log, size), { checkpoint });
    assert.equal(report.rows, 4);
    assert.ok(report.extendsCheckpoint);
  }
});

test("no changed byte of a log goes unnoticed, and none brings the verifier down", async () => {
  const random = numbers(2);
  for (let i = 0; i < 300; i++) {
    await assert.rejects(verifyLog(inPieces(mutated(log, random), 512), { checkpoint }), Rejection);
  }
});
