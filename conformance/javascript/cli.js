#!/usr/bin/env node
/** The command line: `cli.js BUNDLE` or `cli.js --log FILE`. Knows options, files and what is printed, and no evidence. */

import { parseArgs } from "node:util";

import { verifyBundle } from "./src/bundle.js";
import { checkWitnesses } from "./src/cosignature.js";
import { MAX_BUNDLE_BYTES } from "./src/document.js";
import { MAX_KEY_BYTES, readKeyFile } from "./src/keys.js";
import { verifyLog } from "./src/log.js";
import { chunksOf, readFile } from "./src/node.js";
import { MAX_NOTE_BYTES, readCheckpoint, readNote, signersOf } from "./src/note.js";
import { MAX_PROOF_BYTES, verifyExtension, verifyProof } from "./src/tlog-proof.js";
import { Rejection } from "./src/rejection.js";
import { EXIT_NO_REPORT, exitOf } from "./src/report.js";
import { MAX_ROW_BYTES } from "./src/rows.js";
import { MAX_TRUST_BYTES, readTrust } from "./src/trust.js";

const USAGE = `usage: cli.js BUNDLE [--key FILE]... [--trust FILE] [--integrity-only] [--json]
       cli.js ROW --proof FILE [--trust FILE] [--integrity-only] [--json]
       cli.js --consistency FILE --checkpoint FILE [--trust FILE] [--integrity-only] [--json]
       cli.js --log FILE [--checkpoint FILE] [--trust FILE] [--integrity-only] [--json]`;

const OPTIONS = {
  key: { type: "string", multiple: true, default: [] },
  trust: { type: "string" },
  log: { type: "string" },
  checkpoint: { type: "string" },
  proof: { type: "string" },
  consistency: { type: "string" },
  "integrity-only": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
};

/** Wrong use, or a file that cannot be read. */
class UsageError extends Error {}

async function main() {
  const { options, bundle } = commandLine();
  const outcome = await outcomeOf(bundle, options);
  const exit = exitOf(outcome.verdict, options["integrity-only"]);
  console.log(options.json ? JSON.stringify({ ...outcome, exit }) : asText(outcome));
  return exit;
}

function outcomeOf(path, options) {
  if (options.log !== undefined) return logOutcome(options);
  if (options.proof !== undefined) return rowOutcome(path, options);
  if (options.consistency !== undefined) return consistencyOutcome(options);
  return bundleOutcome(path, options);
}

function commandLine() {
  try {
    const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
    const asked = [values.log, values.proof, values.consistency].filter((one) => one !== undefined).length;
    const hasFile = values.log === undefined && values.consistency === undefined;
    const isWrong =
      asked > 1 ||
      positionals.length !== (hasFile ? 1 : 0) ||
      (asked > 0 && values.key.length > 0) ||
      (values.checkpoint !== undefined && hasFile) ||
      (values.checkpoint === undefined && values.consistency !== undefined);
    if (isWrong) throw new UsageError(USAGE);
    return { options: values, bundle: positionals[0] };
  } catch (error) {
    throw new UsageError(error instanceof UsageError ? error.message : `${error.message}\n${USAGE}`);
  }
}

async function rowOutcome(path, options) {
  const line = await read(path, MAX_ROW_BYTES + 1);
  const row = line.at(-1) === 0x0a ? line.subarray(0, -1) : line;
  const proof = await read(options.proof, MAX_PROOF_BYTES);
  return proofOutcome(options, (keys, witnesses) => verifyProof(proof, row, keys, witnesses));
}

async function consistencyOutcome(options) {
  const kept = await read(options.checkpoint, MAX_NOTE_BYTES);
  const proof = await read(options.consistency, MAX_PROOF_BYTES);
  return proofOutcome(options, (keys, witnesses) => verifyExtension(kept, proof, keys, witnesses));
}

/** What is not well-formed is wrong use; what does not hold has failed. */
async function proofOutcome(options, verify) {
  const { logs, witnesses } = await trustIn(options);
  try {
    return await verify(logs.map(({ key }) => key), witnesses);
  } catch (error) {
    if (!(error instanceof Rejection) || error.code.endsWith("-form")) throw error;
    return { verdict: "FAILED", code: error.code, detail: error.message };
  }
}

async function bundleOutcome(path, options) {
  const trust = await trustIn(options);
  const named = await Promise.all(options.key.map(async (key) => readKeyFile(await read(key, MAX_KEY_BYTES))));
  const { profile, checks, verdict, unknownKinds } = await verifyBundle(await read(path, MAX_BUNDLE_BYTES), {
    keys: named.length > 0 ? named : trust.keys.map(({ key }) => key),
    named: named.length > 0,
    logKeys: trust.logs.map(({ key }) => key),
    witnesses: trust.witnesses,
  });
  return { verdict, profile, checks, rows_of_unknown_kinds: unknownKinds };
}

async function logOutcome(options) {
  try {
    const checkpoint = options.checkpoint === undefined ? undefined : await checkpointIn(options);
    const report = await verifyLog(readable(options.log), { checkpoint });
    return {
      verdict: report.extendsCheckpoint ? "VERIFIED" : "INTACT",
      rows: report.rows,
      last_hash: report.lastHash,
      rows_of_unknown_kinds: report.unknownKinds,
    };
  } catch (error) {
    if (!(error instanceof Rejection) || error.code === "trust-form") throw error;
    return { verdict: "FAILED", code: error.code, line: error.line ?? null, detail: error.message };
  }
}

async function checkpointIn(options) {
  const trust = await trustIn(options);
  const note = readNote(await read(options.checkpoint, MAX_NOTE_BYTES));
  const checkpoint = readCheckpoint(note);
  await signersOf(note, trust.logs.map(({ key }) => key));
  await checkWitnesses(note, trust.witnesses);
  return checkpoint;
}

async function trustIn({ trust }) {
  if (trust === undefined) return { keys: [], logs: [], witnesses: null };
  return readTrust(await read(trust, MAX_TRUST_BYTES));
}

async function read(path, limit) {
  try {
    return await readFile(path, limit);
  } catch (error) {
    throw new UsageError(`cannot read \`${path}\`: ${error.code ?? error.message}`);
  }
}

async function* readable(path) {
  try {
    yield* chunksOf(path);
  } catch (error) {
    throw new UsageError(`cannot read \`${path}\`: ${error.code ?? error.message}`);
  }
}

function asText(outcome) {
  const lines = (outcome.checks ?? []).map(({ name, status, code }) => `${name}: ${status}${code ? ` (${code})` : ""}`);
  if (outcome.rows !== undefined) lines.push(`${outcome.rows} rows, the last is ${outcome.last_hash}`);
  if (outcome.code) lines.push(outcome.detail);
  if (outcome.rows_of_unknown_kinds > 0) lines.push(`${outcome.rows_of_unknown_kinds} rows of unknown kinds`);
  return [...lines, outcome.verdict].map(printable).join("\n");
}

/** A text from the evidence must not steer the terminal that shows it. */
function printable(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof Rejection)) throw error;
  console.error(error.message.split("\n").map(printable).join("\n"));
  process.exitCode = EXIT_NO_REPORT;
}
