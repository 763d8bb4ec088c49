/** The Merkle tree of a log and its proofs (SPEC 7.1 and 7.3; RFC 6962, RFC 9162). Knows leaves as bytes only. */

import { concat, sameBytes } from "./encoding.js";
import { ensure, reject } from "./rejection.js";
import { sha256 } from "./sha256.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const HASH_BYTES = 32;
const EMPTY_ROOT = sha256(new Uint8Array());

/** @param {Uint8Array} leaf @returns {Uint8Array} */
export function leafHash(leaf) {
  return sha256(concat(LEAF, leaf));
}

/** @param {Uint8Array} left @param {Uint8Array} right @returns {Uint8Array} */
export function nodeHash(left, right) {
  return sha256(concat(NODE, left, right));
}

/** The root of a tree that grows leaf by leaf, in memory that grows with the logarithm of its size. */
export class Tree {
  constructor() {
    this.size = 0;
    /** @type {{leaves: number, hash: Uint8Array}[]} complete subtrees from left to right, each smaller than the last */
    this.subtrees = [];
  }

  /** @param {Uint8Array} leaf */
  append(leaf) {
    let added = { leaves: 1, hash: leafHash(leaf) };
    while (this.subtrees.at(-1)?.leaves === added.leaves) {
      const left = this.subtrees.pop();
      added = { leaves: 2 * added.leaves, hash: nodeHash(left.hash, added.hash) };
    }
    this.subtrees.push(added);
    this.size += 1;
  }

  /** @returns {Uint8Array} MTH of SPEC 7.1 */
  root() {
    if (this.size === 0) return EMPTY_ROOT;
    return this.subtrees.map((subtree) => subtree.hash).reduceRight((right, left) => nodeHash(left, right));
  }
}

/**
 * Checks that `leaf` stands at `index` of the tree (RFC 9162 section 2.1.3.2).
 * @param {Uint8Array} leaf
 * @param {number} index
 * @param {number} size
 * @param {Uint8Array[]} proof
 * @param {Uint8Array} root
 */
export function checkInclusion(leaf, index, size, proof, root) {
  ensure(isSize(index) && isSize(size) && index < size, "proof-range");
  checkHashes(proof);
  let position = index;
  let last = size - 1;
  let hash = leafHash(leaf);
  for (const sibling of proof) {
    ensure(last > 0, "proof-length");
    if (isOdd(position) || position === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(position) && position > 0) [position, last] = [half(position), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  ensure(last === 0, "proof-length");
  ensure(sameBytes(hash, root), "proof-root");
}

/**
 * Checks that the tree of `newSize` leaves begins with the tree of `oldSize` leaves (RFC 9162 section 2.1.4.2).
 * @param {number} oldSize
 * @param {number} newSize
 * @param {Uint8Array[]} proof
 * @param {Uint8Array} oldRoot
 * @param {Uint8Array} newRoot
 */
export function checkConsistency(oldSize, newSize, proof, oldRoot, newRoot) {
  ensure(isSize(oldSize) && isSize(newSize) && oldSize <= newSize, "proof-range");
  checkHashes(proof);
  if (oldSize === 0 || oldSize === newSize) {
    ensure(proof.length === 0, "proof-length");
    ensure(sameBytes(oldRoot, oldSize === 0 ? EMPTY_ROOT : newRoot), "proof-root");
    ensure(newSize > 0 || sameBytes(newRoot, EMPTY_ROOT), "proof-root");
    return;
  }
  ensure(proof.length > 0, "proof-length");
  const { first, position, last } = firstSubtree(oldSize, newSize);
  const path = first ? [oldRoot, ...proof] : proof;
  checkBothRoots(path, position, last, oldRoot, newRoot);
}

/** Where the walk begins; `first` is true if the old tree is itself a complete subtree, which the proof leaves out. */
function firstSubtree(oldSize, newSize) {
  let position = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(position)) [position, last] = [half(position), half(last)];
  return { first: position === 0, position, last };
}

function checkBothRoots([start, ...path], position, last, oldRoot, newRoot) {
  let oldHash = start;
  let newHash = start;
  for (const sibling of path) {
    ensure(last > 0, "proof-length");
    if (isOdd(position) || position === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (!isOdd(position) && position > 0) [position, last] = [half(position), half(last)];
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  ensure(last === 0, "proof-length");
  ensure(sameBytes(oldHash, oldRoot) && sameBytes(newHash, newRoot), "proof-root");
}

/**
 * Checks that all `leaves` stand in the tree (SPEC 7.3).
 * @param {{index: number, leaf: Uint8Array}[]} leaves
 * @param {number} size
 * @param {Uint8Array[]} proof
 * @param {Uint8Array} root
 */
export function checkMultiproof(leaves, size, proof, root) {
  ensure(leaves.length > 0 && isSize(size), "proof-range");
  leaves.forEach(({ index }, i) => {
    ensure(isSize(index) && index < size && (i === 0 || index > leaves[i - 1].index), "proof-range");
  });
  checkHashes(proof);
  const walk = new MultiproofWalk(leaves, proof);
  const computed = walk.root(0, size);
  ensure(walk.hashesUsed === proof.length, "proof-length");
  ensure(sameBytes(computed, root), "proof-root");
}

/** Consumes leaves and hashes from left to right, which is the order in which the subtrees are met. */
class MultiproofWalk {
  constructor(leaves, proof) {
    this.leaves = leaves;
    this.leavesUsed = 0;
    this.proof = proof;
    this.hashesUsed = 0;
  }

  root(from, count) {
    if (!this.holdsNextLeaf(from, count)) return this.nextHash();
    if (count === 1) return leafHash(this.leaves[this.leavesUsed++].leaf);
    const left = largestPowerOfTwoBelow(count);
    const leftHash = this.root(from, left);
    return nodeHash(leftHash, this.root(from + left, count - left));
  }

  holdsNextLeaf(from, count) {
    return this.leavesUsed < this.leaves.length && this.leaves[this.leavesUsed].index < from + count;
  }

  nextHash() {
    if (this.hashesUsed === this.proof.length) reject("proof-length");
    return this.proof[this.hashesUsed++];
  }
}

/** A hash of a proof has 32 bytes; else a Rejection `proof-length`. */
function checkHashes(proof) {
  ensure(proof.every((hash) => hash.length === HASH_BYTES), "proof-length");
}

/** Sizes are up to 2^53 - 1, for which bit operations are too narrow. */
function isSize(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

function isOdd(value) {
  return value % 2 === 1;
}

function half(value) {
  return Math.floor(value / 2);
}

function largestPowerOfTwoBelow(count) {
  let power = 1;
  while (2 * power < count) power *= 2;
  return power;
}
