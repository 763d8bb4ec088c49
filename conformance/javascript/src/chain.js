/** The run chain and the global chain (SPEC 6.2 and 6.3). Knows rows that are good by themselves, and no file. */

import { ensure } from "./rejection.js";
import { ZEROS } from "./rows.js";

/** The rows of one run, one after the other. */
export class RunChain {
  constructor() {
    this.length = 0;
    this.lastHash = ZEROS;
    this.hasEnded = false;
  }

  /** Takes the next row; else a Rejection `run-end`, `run-seq`, `run-link` or `run-start`, tried in this order. */
  append(row) {
    const isStart = row.get("kind") === "run_started";
    ensure(!this.hasEnded, "run-end");
    ensure(row.get("run_seq") === this.length, "run-seq");
    ensure(row.get("run_prev_hash") === this.lastHash, "run-link");
    ensure(isStart === (this.length === 0), "run-start");
    this.length += 1;
    this.lastHash = row.get("hash");
    this.hasEnded = row.get("kind") === "run_ended";
  }
}

/** Runs that have ended and are still known; older ones are forgotten, so that memory stays bounded (SPEC 6.3). */
const ENDED_RUNS_KEPT = 65_536;

/** All rows of a log, one after the other. */
export class LogChain {
  /** @param {number} openRunsLimit SPEC 15 */
  constructor(openRunsLimit) {
    this.openRunsLimit = openRunsLimit;
    this.length = 0;
    this.lastHash = ZEROS;
    /** @type {Map<string, RunChain>} */
    this.openRuns = new Map();
    /** @type {Map<string, RunChain>} in the order of their ends */
    this.endedRuns = new Map();
  }

  /** Takes the next row; else a Rejection `log-seq`, `log-link`, `too-many-open-runs` or one of a run chain. */
  append(row) {
    ensure(row.get("seq") === this.length, "log-seq");
    ensure(row.get("prev_hash") === this.lastHash, "log-link");
    if (row.get("run_id") !== null) this.appendToRun(row);
    this.length += 1;
    this.lastHash = row.get("hash");
  }

  appendToRun(row) {
    const runId = row.get("run_id");
    const run = this.openRuns.get(runId) ?? this.endedRuns.get(runId) ?? new RunChain();
    run.append(row);
    if (run.hasEnded) this.end(runId, run);
    else this.openRuns.set(runId, run);
    ensure(this.openRuns.size <= this.openRunsLimit, "too-many-open-runs");
  }

  end(runId, run) {
    this.openRuns.delete(runId);
    this.endedRuns.set(runId, run);
    if (this.endedRuns.size > ENDED_RUNS_KEPT) this.endedRuns.delete(this.endedRuns.keys().next().value);
  }
}

/**
 * Checks that rows are one whole run (check 4 of SPEC 11).
 * @param {import("./rows.js").Row[]} rows
 * @param {string} runId
 */
export function checkRun(rows, runId) {
  const run = new RunChain();
  for (const row of rows) {
    ensure(row.get("run_id") === runId, "run-id");
    run.append(row);
  }
  ensure(run.hasEnded, "run-end", "the last row is not `run_ended`");
}

/**
 * Checks where the rows of a slice say that they stood in their log (check 5 of SPEC 11).
 * @param {import("./rows.js").Row[]} rows
 */
export function checkPositions(rows) {
  rows.forEach((row, i) => {
    const before = rows[i - 1];
    const seq = row.get("seq");
    ensure(!before || seq > before.get("seq"), "log-order");
    if (seq === 0) ensure(row.get("prev_hash") === ZEROS, "log-link");
    if (before && seq === before.get("seq") + 1) ensure(row.get("prev_hash") === before.get("hash"), "log-link");
  });
}
