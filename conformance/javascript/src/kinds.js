/** The members that each kind of row has of its own (SPEC 5). Knows no chain and no member that all rows have. */

import { canonical } from "./canonical.js";
import { sha256Hex } from "./sha256.js";
import {
  arrayOf,
  exactObject,
  isBoolean,
  isCommitId,
  isCount,
  isHex64,
  isInteger,
  isObject,
  isString,
  isTimestamp,
  mapOf,
  misfit,
  nullOr,
  oneOf,
} from "./shapes.js";

const isStrings = arrayOf(isString);

/** SPEC 5.2: a word, a space, and a target that may be empty. */
const isEffect = (value) => isString(value) && /^(?:read|write|delete|execute|connect) /.test(value);

const approvalAnswer = {
  members: { approval_id: isString, approver: nullOr(isString), method: nullOr(isString) },
};

/** The members that `digest` covers, in the order in which it covers them (SPEC 5.1). */
export const GIT_DIGEST_ORDER = ["is_repo", "head", "branch", "dirty", "changed_files", "untracked_files", "diff_hash"];

const hasGitMembers = exactObject({
  phase: oneOf("run_start", "run_end"),
  cwd: isString,
  is_repo: isBoolean,
  head: nullOr(isCommitId),
  branch: nullOr(isString),
  dirty: isBoolean,
  changed_files: isStrings,
  untracked_files: isStrings,
  diff_hash: nullOr(isHex64),
  digest: isHex64,
});

/** SPEC 5.1 */
function isGitState(value) {
  return hasGitMembers(value) && value.get("digest") === gitDigest(value);
}

function gitDigest(state) {
  const members = GIT_DIGEST_ORDER.map((name) => `${canonical(name)}:${canonical(state.get(name))}`);
  return sha256Hex(`{${members.join(",")}}`);
}

const KINDS = {
  run_started: {
    members: {
      chain_file: isString,
      command: isString,
      cwd: isString,
      enforcement_points: isStrings,
      plugins: arrayOf(exactObject({ name: isString, version: isString })),
      versions: mapOf(isString),
    },
  },
  policy_loaded: {
    members: {
      policy_source: oneOf("user", "default"),
      tool_inputs: exactObject({
        policy_hash: isHex64,
        policy_path: nullOr(isString),
        rules_digest: exactObject({
          block_secrets: isBoolean,
          deny_paths_count: isCount,
          deny_patterns_count: isCount,
        }),
        version: isCount,
      }),
    },
  },
  policy_rejected: { members: { error: isString, policy_hash: isHex64, policy_path: isString } },
  git_state: { members: { tool_inputs: isGitState } },
  tool_call: {
    members: {
      action: oneOf("PASS", "LOCAL", "TRANSFORM", "BLOCK"),
      call_id: isString,
      effects: arrayOf(isEffect),
      input_digest: isHex64,
      reason: isString,
      tool_inputs: isObject,
      tool_name: isString,
    },
    optional: {
      message: isString,
      rule: isString,
      transform: isString,
      approval_id: isString,
      input_names: isStrings,
    },
  },
  tool_result: {
    members: {
      call_id: isString,
      content_digest: isHex64,
      result_kind: oneOf("pass", "local", "transform", "withheld"),
      size: isCount,
    },
    optional: {
      is_error: isBoolean,
      returned_digest: isHex64,
      returned_size: isCount,
      shaped_by: isStrings,
      secret_labels: isStrings,
      secrets_redacted: isCount,
      exit_code: isInteger,
      left_out: isCount,
    },
  },
  request: {
    members: {
      cache_read_tokens: isCount,
      cache_write_tokens: isCount,
      input_tokens: isCount,
      output_tokens: isCount,
      model: nullOr(isString),
      status: isCount,
    },
    optional: {
      complete: isBoolean,
      cost_micro_usd: isCount,
      secret_labels: isStrings,
      secrets_redacted: isCount,
    },
  },
  limit_exceeded: { members: { limit: isString, max: isCount, actual: isCount } },
  approval_requested: {
    members: {
      approval_id: isString,
      call_id: isString,
      tool_name: isString,
      input_digest: isHex64,
      expires_at: isTimestamp,
    },
  },
  approval_granted: approvalAnswer,
  approval_denied: approvalAnswer,
  approval_expired: approvalAnswer,
  finding: {
    members: {
      detector: isString,
      severity: oneOf("info", "low", "medium", "high"),
      message: isString,
      rows: arrayOf(isHex64),
      tags: isStrings,
    },
  },
  hook_event: {
    members: { answer: oneOf("none", "deny"), event: isString },
    optional: {
      call_id: isString,
      file: isString,
      input_digest: isHex64,
      outputs: arrayOf(exactObject({ call_id: isString, digest: isHex64, is_error: isBoolean })),
      secret_labels: isStrings,
      source: isString,
      subagent: isString,
      tool_name: isString,
    },
  },
  checkpoint: { members: { note: isString, origin: isString, root_hash: isHex64, tree_size: isCount } },
  recovered: {
    members: {
      reason: oneOf("torn-tail", "log-shorter-than-head", "head-mismatch"),
      bytes: isCount, sha256: isHex64, kept_in: nullOr(isString) },
    optional: { former_size: isCount, former_hash: isHex64 },
  },
  run_ended: {
    members: { exit_code: nullOr(isInteger), reason: oneOf("exit", "signal", "failed", "abandoned") },
  },
};

/** @param {string} kind @returns {boolean} whether this version of the format names the kind */
export function isKnownKind(kind) {
  return Object.hasOwn(KINDS, kind);
}

/**
 * The name of the kind's own member that is missing or ill-typed; null if there is none or the kind is not known.
 * @param {Map<string, unknown>} row
 * @returns {string | null}
 */
export function ownMisfit(row) {
  if (!isKnownKind(row.get("kind"))) return null;
  const { members, optional } = KINDS[row.get("kind")];
  return misfit(row, members, optional);
}
