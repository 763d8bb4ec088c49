/** A log, read in pieces (SPEC 6 and 12). Knows no files: whoever calls brings the bytes. */

import { LogChain } from "./chain.js";
import { concat, sameBytes } from "./encoding.js";
import { isKnownKind } from "./kinds.js";
import { Tree } from "./merkle.js";
import { originOf } from "./note.js";
import { Rejection, ensure } from "./rejection.js";
import { MAX_ROW_BYTES, readLine } from "./rows.js";

/** Runs that may be open at once (SPEC 15). */
export const MAX_OPEN_RUNS = 65_536;

const LINE_END = 0x0a;

/**
 * @typedef {object} LogReport
 * @property {number} rows rows that were accepted
 * @property {string} lastHash of the last of them
 * @property {number} unknownKinds how many of them are of a kind that this version does not know
 * @property {boolean} extendsCheckpoint whether there was a checkpoint and the log agrees with it
 */

/** A Rejection that knows the line at fault, counted from 1. */
export class LineRejection extends Rejection {
  constructor(rejection, line) {
    super(rejection.code, `line ${line}: ${rejection.message}`);
    this.line = line;
  }
}

/**
 * What a good log says; else a LineRejection for the first bad line, or a Rejection `log-empty`, `checkpoint-origin`,
 * `log-truncated` or `checkpoint-root`.
 * @param {AsyncIterable<Uint8Array>} chunks the bytes of the file in pieces of any size
 * @param {{checkpoint?: import("./note.js").Checkpoint, openRunsLimit?: number}} [options]
 * @returns {Promise<LogReport>}
 */
export async function verifyLog(chunks, { checkpoint, openRunsLimit = MAX_OPEN_RUNS } = {}) {
  const walk = new LogWalk(openRunsLimit, checkpoint?.size ?? 0);
  for await (const line of lines(chunks)) walk.take(line);
  ensure(walk.chain.length > 0, "log-empty");
  if (checkpoint) walk.compare(checkpoint);
  return {
    rows: walk.chain.length,
    lastHash: walk.chain.lastHash,
    unknownKinds: walk.unknownKinds,
    extendsCheckpoint: checkpoint !== undefined,
  };
}

class LogWalk {
  constructor(openRunsLimit, treeLimit) {
    this.chain = new LogChain(openRunsLimit);
    this.tree = new Tree();
    this.treeLimit = treeLimit;
    this.firstHash = null;
    this.unknownKinds = 0;
  }

  take({ bytes, isTorn }) {
    try {
      ensure(!isTorn, "torn-tail");
      const row = readLine(bytes);
      this.chain.append(row);
      this.note(row, bytes);
    } catch (error) {
      throw error instanceof Rejection ? new LineRejection(error, this.chain.length + 1) : error;
    }
  }

  note(row, bytes) {
    this.firstHash ??= row.get("hash");
    if (!isKnownKind(row.get("kind"))) this.unknownKinds += 1;
    if (this.tree.size < this.treeLimit) this.tree.append(bytes);
  }

  compare({ origin, size, root }) {
    ensure(origin === originOf(this.firstHash), "checkpoint-origin");
    ensure(size <= this.chain.length, "log-truncated");
    ensure(size > 0, "checkpoint-root", "an empty checkpoint shows nothing");
    ensure(sameBytes(this.tree.root(), root), "checkpoint-root");
  }
}

/**
 * The lines of a file, split at 0x0A alone, with at most one line in memory.
 * @param {AsyncIterable<Uint8Array>} chunks
 * @returns {AsyncGenerator<{bytes: Uint8Array, isTorn: boolean}>} `isTorn`: the last line has no `\n`
 */
async function* lines(chunks) {
  let pieces = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
      yield { bytes: concat(...pieces, chunk.subarray(from, end)), isTorn: false };
      [pieces, length, from] = [[], 0, end + 1];
    }
    // what is too long is not kept: its length is all that is left to see
    if (length <= MAX_ROW_BYTES) pieces.push(chunk.subarray(from));
    length += chunk.length - from;
  }
  if (length > 0) yield { bytes: concat(...pieces), isTorn: true };
}
