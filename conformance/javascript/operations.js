/** The operations of conformance/PROTOCOL.md, each a function from the members of a request to those of an answer. */

import { verifyBundle } from "./src/bundle.js";
import { canonical } from "./src/canonical.js";
import { checkRun } from "./src/chain.js";
import { coverage } from "./src/coverage.js";
import { checkWitnesses, cosignersOf, readCosigners, witnessPolicy } from "./src/cosignature.js";
import { MAX_BUNDLE_BYTES } from "./src/document.js";
import { fromHex, hex, utf8 } from "./src/encoding.js";
import { parse } from "./src/json.js";
import { MAX_KEY_BYTES, readKeyFile, readSpki, readVkey } from "./src/keys.js";
import { MAX_OPEN_RUNS, verifyLog } from "./src/log.js";
import { Tree, checkConsistency, checkInclusion, checkMultiproof } from "./src/merkle.js";
import { readFile } from "./src/node.js";
import { readCheckpoint, readNote, signersOf } from "./src/note.js";
import { predicate } from "./src/predicate.js";
import { ensure } from "./src/rejection.js";
import { EXIT_NO_REPORT, exitOf } from "./src/report.js";
import { checkRow, readLine } from "./src/rows.js";
import { isValidSignature } from "./src/signature.js";
import { pae } from "./src/statement.js";
import { verifyExtension, verifyProof } from "./src/tlog-proof.js";
import { readTrust } from "./src/trust.js";

const names = (entries) => entries.map((entry) => entry.name);

export const answers = {
  parse({ json, max_bytes: limit }) {
    parse(fromHex(json), { limit });
    return {};
  },

  canonical({ json }) {
    return { canonical: hex(utf8(canonical(parse(fromHex(json))))) };
  },

  row({ line }) {
    return { hash: readLine(fromHex(line)).get("hash") };
  },

  async log({ file, checkpoint, vkeys = [], open_runs: openRunsLimit = MAX_OPEN_RUNS, ...asked }) {
    const known = checkpoint === undefined ? undefined : (await checkpointIn(checkpoint, vkeys, asked)).checkpoint;
    const report = await verifyLog([fromHex(file)], { checkpoint: known, openRunsLimit });
    const verdict = report.extendsCheckpoint ? "VERIFIED" : "INTACT";
    return { rows: report.rows, last_hash: report.lastHash, verdict };
  },

  "run-chain"({ rows, run_id: runId }) {
    const slice = parse(fromHex(rows));
    slice.forEach(checkRow);
    checkRun(slice, runId);
    return {};
  },

  "merkle-root"({ leaves }) {
    const tree = new Tree();
    for (const leaf of leaves) tree.append(fromHex(leaf));
    return { root: hex(tree.root()) };
  },

  inclusion({ leaf, index, size, proof, root }) {
    checkInclusion(fromHex(leaf), index, size, proof.map(fromHex), fromHex(root));
    return {};
  },

  consistency({ old_size: oldSize, new_size: newSize, old_root: oldRoot, new_root: newRoot, proof }) {
    checkConsistency(oldSize, newSize, proof.map(fromHex), fromHex(oldRoot), fromHex(newRoot));
    return {};
  },

  multiproof({ leaves, size, proof, root }) {
    const indexed = leaves.map(([index, leaf]) => ({ index, leaf: fromHex(leaf) }));
    checkMultiproof(indexed, size, proof.map(fromHex), fromHex(root));
    return {};
  },

  async checkpoint({ note, vkeys, ...asked }) {
    const { checkpoint, verified } = await checkpointIn(note, vkeys, asked);
    const found = { origin: checkpoint.origin, size: checkpoint.size, root: hex(checkpoint.root), verified };
    if (asked.witnesses === undefined) return found;
    const witnessed = await cosignersOf(readNote(fromHex(note)), readCosigners(asked.witnesses));
    return { ...found, witnessed: witnessed.map(({ name, time }) => [name, Number(time)]) };
  },

  "tlog-proof"({ file, row, vkeys, ...asked }) {
    return verifyProof(fromHex(file), fromHex(row), vkeys.map(logKey), policyIn(asked));
  },

  extension({ old, file, vkeys, ...asked }) {
    return verifyExtension(fromHex(old), fromHex(file), vkeys.map(logKey), policyIn(asked));
  },

  pae({ payload_type: type, payload }) {
    return { pae: hex(pae(fromHex(type), fromHex(payload))) };
  },

  predicate({ rows }) {
    return { predicate: hex(utf8(canonical(predicate(parse(fromHex(rows)))))) };
  },

  coverage({ rows }) {
    return coverage(parse(fromHex(rows)));
  },

  async signature({ spki, message, signature }) {
    const key = readSpki(fromHex(spki));
    ensure(await isValidSignature(key, fromHex(message), fromHex(signature)), "signature-invalid");
    return {};
  },

  key({ file }) {
    return { hint: readKeyFile(fromHex(file)).hint };
  },

  trust({ file }) {
    const { keys, identities, logs, witnesses } = readTrust(fromHex(file));
    const found = { keys: names(keys), identities: names(identities), logs: names(logs) };
    return witnesses === null ? found : { ...found, threshold: witnesses.threshold };
  },

  async bundle({ path, keys, named, vkeys = [], integrity_only: integrityOnly = false, ...asked }) {
    const held = await Promise.all(keys.map(async (key) => readKeyFile(await readFile(key, MAX_KEY_BYTES))));
    const file = await readFile(path, MAX_BUNDLE_BYTES);
    const known = { keys: held, named, logKeys: vkeys.map(logKey), witnesses: policyIn(asked) };
    const { checks, verdict } = await withExit(verifyBundle(file, known));
    const listed = (status) => checks.filter((check) => check.status === status).map(({ name, code }) => [name, code]);
    const exit = exitOf(verdict, integrityOnly);
    return { verdict, exit, failed: listed("fail"), not_checked: listed("not-checked") };
  },
};

async function checkpointIn(note, vkeys, asked) {
  const read = readNote(fromHex(note));
  const checkpoint = readCheckpoint(read);
  const verified = await signersOf(read, vkeys.map(logKey));
  await checkWitnesses(read, policyIn(asked));
  return { checkpoint, verified };
}

function logKey(vkey) {
  return readVkey(vkey);
}

function policyIn({ witnesses, threshold }) {
  return threshold === undefined ? null : witnessPolicy(threshold, witnesses);
}

/** A rejection in place of a report carries the exit code. */
async function withExit(report) {
  try {
    return await report;
  } catch (error) {
    error.exit = EXIT_NO_REPORT;
    throw error;
  }
}
