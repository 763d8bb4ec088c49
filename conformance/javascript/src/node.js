/** What only Node has: files, standard input, and WebCrypto where it is not global (Node 18). Knows no evidence. */

import { webcrypto } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";

globalThis.crypto ??= webcrypto;

/**
 * The bytes of a file, or of its beginning: never more than one byte beyond the limit, which is enough to see that it is
 * too large.
 * @param {string} path
 * @param {number} limit
 * @returns {Promise<Uint8Array>}
 */
export async function readFile(path, limit) {
  const chunks = [];
  const handle = await open(path);
  try {
    for await (const chunk of handle.createReadStream({ end: limit })) chunks.push(chunk);
  } finally {
    await handle.close();
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** @param {string} path @returns {AsyncIterable<Uint8Array>} */
export function chunksOf(path) {
  return createReadStream(path, { highWaterMark: 1 << 20 });
}

/** @returns {AsyncIterable<string>} */
export function inputLines() {
  return createInterface({ input: process.stdin, crlfDelay: Infinity });
}
