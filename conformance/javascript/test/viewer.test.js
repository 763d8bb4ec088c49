/** What the viewer shows of every bundle among the vectors, hostile ones most of all: something, and no other verdict. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import "../src/node.js";
import { verifyBundle } from "../src/bundle.js";
import { canonical } from "../src/canonical.js";
import { utf8 } from "../src/encoding.js";
import { parse } from "../src/json.js";
import { readKeyFile } from "../src/keys.js";
import { Rejection } from "../src/rejection.js";
import { page } from "../viewer/build.js";
import { examine } from "../viewer/examine.js";
import { pieces } from "../viewer/visible.js";

const VECTORS = new URL("../../vectors/", import.meta.url);
const BUNDLES = new URL("bundles/", VECTORS);
const read = (name, base = BUNDLES) => new Uint8Array(readFileSync(new URL(name, base)));
const cases = readdirSync(BUNDLES).filter((name) => readdirSync(new URL(name, BUNDLES)).includes("bundle.occasio.json"));
const key = { name: "ada.pub", bytes: read("keys/ada.pub", VECTORS) };

const bundleOf = (name) => ({ name: "run.json", bytes: read(`${name}/bundle.occasio.json`) });

/** What the vector's verifier knows, as the files that a person would open; null if there are none for it. */
function acquaintances({ keys, named, vkeys = [], witnesses, threshold }, name) {
  const files = keys.map((path) => ({ name: path, bytes: read(`${name}/${path}`) }));
  if (named !== files.length > 0 && named) return null; // an identity was named, which no file says
  const text = (bytes) => new TextDecoder().decode(bytes);
  const trust = {
    schema: "occasio-trust/v1",
    keys: named ? [] : files.map((file) => ({ name: file.name, public_key: text(file.bytes) })),
    identities: [],
    logs: vkeys.map((vkey) => ({ name: "log", vkey })),
    ...(witnesses ? { witnesses: { threshold, keys: witnesses.map((vkey) => ({ name: "witness", vkey })) } } : {}),
  };
  return [...(named ? files : []), { name: "trust.json", bytes: utf8(JSON.stringify(trust)) }];
}

async function verdictOf(bytes) {
  try {
    return (await verifyBundle(bytes, { keys: [readKeyFile(key.bytes)], named: true })).verdict;
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return undefined;
  }
}

test("every bundle among the vectors is shown with the verifier's verdict", async () => {
  assert.ok(cases.length > 100);
  for (const name of cases) {
    const bundle = bundleOf(name);
    const { opened, view } = await examine([bundle, key]);
    const expected = await verdictOf(bundle.bytes);
    assert.equal(view?.verdict, expected, name);
    if (expected === undefined) assert.ok(view === null ? opened[0].role === "refused" : view.refused, name);
  }
});

test("what a person knows counts for as much as on the command line: keys, logs, witnesses", async () => {
  let tried = 0;
  for (const name of cases) {
    const { input, expect } = JSON.parse(new TextDecoder().decode(read(`${name}/expect.json`)));
    const known = acquaintances(input, name);
    if (known === null || input.path !== "bundle.occasio.json") continue;
    const { opened, view } = await examine([bundleOf(name), ...known]);
    assert.deepEqual(opened.slice(1).filter(({ role }) => role === "refused"), [], name);
    assert.equal(view?.verdict, expect.verdict, name);
    tried += 1;
  }
  assert.ok(tried > 200, String(tried));
});

test("a file that is not taken leaves no verdict", async () => {
  const { opened, view } = await examine([bundleOf("bundle-signed"), key, { name: "t", bytes: utf8("nothing") }]);
  assert.deepEqual(opened.map(({ role }) => role), ["bundle", "key", "refused"]);
  assert.equal(view, null);
});

test("what is shown can be handed from a worker to a page", async () => {
  const views = await Promise.all(cases.map(async (name) => (await examine([bundleOf(name)])).view));
  for (const view of views) assert.deepEqual(structuredClone(view), view);
});

/** A failed check of these has something to compare; of the others only what it says. */
const COMPARED = ["manifest", "rows", "run-chain"];

test("a check that failed on something recomputed says what was claimed and what is", async () => {
  for (const name of cases) {
    const { view } = await examine([bundleOf(name)]);
    const failed = (view?.checks ?? []).filter((check) => check.status === "fail" && COMPARED.includes(check.name));
    const compared = new Set((view?.differences?.found ?? []).map((difference) => difference.check));
    for (const check of failed.filter(({ code }) => code === "manifest-mismatch" || code === "row-hash")) {
      assert.ok(compared.has(check.name), `${name}: ${check.name} ${check.code}`);
    }
  }
});

test("rows of any form are told of", async () => {
  const bundle = parse(read("bundle-signed/bundle.occasio.json"));
  for (const value of [null, 5, "x", [], new Map(), [null], "\u202e"]) {
    for (const member of ["kind", "ts", "tool_inputs", "effects", "call_id", "secret_labels", "tool_name", "action"]) {
      const rows = bundle.get("chain_slice").map((row) => new Map(row).set(member, value));
      const bytes = utf8(`${canonical(new Map(bundle).set("chain_slice", rows))}\n`);
      const { view } = await examine([{ name: "x", bytes }]);
      assert.equal(view.verdict, "FAILED");
      assert.equal(view.events.length, rows.length);
    }
  }
});

test("keys, trust files and what is neither are told apart", async () => {
  const trust = utf8('{"schema":"occasio-trust/v1","keys":[],"identities":[],"logs":[]}');
  const { opened, view } = await examine([key, { name: "t", bytes: trust }, { name: "n", bytes: utf8("nothing") }]);
  assert.deepEqual(opened.map(({ role }) => role), ["key", "trust", "refused"]);
  assert.equal(view, null);
});

test("an invisible character is named, and line ends only where lines are wanted", () => {
  const named = (text, how) => pieces(text, how).filter((piece) => piece.control).map((piece) => piece.text);
  assert.deepEqual(named("a\u202eb\u200b\u{e0041}\ud800"), ["U+202E", "U+200B", "U+E0041", "U+D800"]);
  assert.deepEqual(named("a\n\tb"), ["U+000A", "U+0009"]);
  assert.deepEqual(named("a\n\tb", { lines: true }), []);
  assert.deepEqual(named("käse 日本 😀 a-b"), []);
  assert.deepEqual(pieces("abc", { most: 2 }).map((piece) => piece.text), ["ab", "… 1 more characters"]);
  assert.equal(pieces("x".repeat(30_000)).at(-1).text, "… 10000 more characters");
});

test("the page is what its parts make", () => {
  assert.equal(page(), readFileSync(new URL("../viewer/index.html", import.meta.url), "utf8"), "make viewer");
});
