/** SPEC 7.1 and 7.3, RFC 9162 section 2.1. The proofs are made here as the RFC defines them, by recursion. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { hex } from "../src/encoding.js";
import { Tree, checkConsistency, checkInclusion, checkMultiproof, leafHash, nodeHash } from "../src/merkle.js";

const LARGEST = 20;
const leaves = Array.from({ length: LARGEST }, (_, i) => Uint8Array.of(i, i + 1));

function split(count) {
  let k = 1;
  while (2 * k < count) k *= 2;
  return k;
}

function rootOf(part) {
  if (part.length === 1) return leafHash(part[0]);
  const k = split(part.length);
  return nodeHash(rootOf(part.slice(0, k)), rootOf(part.slice(k)));
}

function path(index, part) {
  if (part.length === 1) return [];
  const k = split(part.length);
  if (index < k) return [...path(index, part.slice(0, k)), rootOf(part.slice(k))];
  return [...path(index - k, part.slice(k)), rootOf(part.slice(0, k))];
}

function subproof(size, part, isWhole) {
  if (size === part.length) return isWhole ? [] : [rootOf(part)];
  const k = split(part.length);
  if (size <= k) return [...subproof(size, part.slice(0, k), isWhole), rootOf(part.slice(k))];
  return [...subproof(size - k, part.slice(k), false), rootOf(part.slice(0, k))];
}

function multiproof(from, part, chosen) {
  if (!chosen.some((index) => index >= from && index < from + part.length)) return [rootOf(part)];
  if (part.length === 1) return [];
  const k = split(part.length);
  return [...multiproof(from, part.slice(0, k), chosen), ...multiproof(from + k, part.slice(k), chosen)];
}

function refusals(proof, check) {
  assert.doesNotThrow(() => check(proof));
  assert.throws(() => check([...proof, proof[0] ?? leafHash(leaves[0])]), { code: "proof-length" });
  if (proof.length === 0) return;
  assert.throws(() => check(proof.slice(1)), { code: "proof-length" });
  assert.throws(() => check([leafHash(Uint8Array.of(99)), ...proof.slice(1)]), { code: "proof-root" });
}

test("a growing tree has the root of the definition", () => {
  const tree = new Tree();
  assert.equal(hex(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (let size = 1; size <= LARGEST; size++) {
    tree.append(leaves[size - 1]);
    assert.equal(hex(tree.root()), hex(rootOf(leaves.slice(0, size))));
  }
});

test("every leaf of every tree is proved by its path and by nothing shorter, longer or other", () => {
  for (let size = 1; size <= LARGEST; size++) {
    const part = leaves.slice(0, size);
    for (let index = 0; index < size; index++) {
      refusals(path(index, part), (proof) => checkInclusion(leaves[index], index, size, proof, rootOf(part)));
    }
  }
});

test("every tree is proved to extend every smaller one", () => {
  for (let size = 1; size <= LARGEST; size++) {
    const part = leaves.slice(0, size);
    for (let old = 1; old <= size; old++) {
      const oldRoot = rootOf(leaves.slice(0, old));
      refusals(subproof(old, part, true), (proof) => checkConsistency(old, size, proof, oldRoot, rootOf(part)));
    }
  }
});

test("any set of leaves of a tree is proved by one proof", () => {
  const size = 11;
  const part = leaves.slice(0, size);
  for (let set = 1; set < 2 ** size; set += 7) {
    const chosen = part.map((_, i) => i).filter((i) => set & (1 << i));
    const claims = chosen.map((index) => ({ index, leaf: leaves[index] }));
    refusals(multiproof(0, part, chosen), (proof) => checkMultiproof(claims, size, proof, rootOf(part)));
  }
});

test("an index beyond the tree, or out of order, is out of range", () => {
  const claims = [{ index: 1, leaf: leaves[1] }, { index: 1, leaf: leaves[1] }];
  assert.throws(() => checkMultiproof(claims, 2, [], leaves[0]), { code: "proof-range" });
  assert.throws(() => checkMultiproof([], 2, [], leaves[0]), { code: "proof-range" });
  assert.throws(() => checkInclusion(leaves[0], 2, 2, [], leaves[0]), { code: "proof-range" });
  assert.throws(() => checkConsistency(3, 2, [], leaves[0], leaves[0]), { code: "proof-range" });
});
