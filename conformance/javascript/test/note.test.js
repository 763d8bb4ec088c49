/** SPEC 7.2, C2SP signed-note. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { base64, utf8 } from "../src/encoding.js";
import { readCheckpoint, readNote } from "../src/note.js";

const ROOT = base64(new Uint8Array(32));
const SIGNATURE = base64(new Uint8Array(68));
const noteOf = (text, name = "log.example") => readNote(utf8(`${text}\n\u2014 ${name} ${SIGNATURE}\n`));

test("a checkpoint is read with its extension lines left alone", () => {
  const { origin, size } = readCheckpoint(noteOf(`log.example\n9007199254740991\n${ROOT}\nan extension\n`));
  assert.deepEqual([origin, size], ["log.example", 2 ** 53 - 1]);
});

test("a size is decimal, without leading zeros and at most 2^53 - 1", () => {
  for (const size of ["", "01", "+1", "-1", "1.0", "0x1", "9007199254740992", "1".repeat(5000)]) {
    assert.throws(() => readCheckpoint(noteOf(`log.example\n${size}\n${ROOT}\n`)), { code: "checkpoint-form" });
  }
});

test("a name holds no space of any kind, and no plus", () => {
  for (const name of ["", "a b", "a\u00a0b", "a\u2003b", "a\u0085b", "a\u2028b", "a+b", "a\tb"]) {
    assert.throws(() => noteOf(`log.example\n1\n${ROOT}\n`, name), { code: "note-form" });
  }
});
