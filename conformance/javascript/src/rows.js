/** One row: the form of its line, its members and its hash (SPEC 3.3 and 4). Knows no other row. */

import { canonical } from "./canonical.js";
import { sameBytes, utf8 } from "./encoding.js";
import { Float, parse } from "./json.js";
import { ownMisfit } from "./kinds.js";
import { ensure, reject } from "./rejection.js";
import { sha256Hex } from "./sha256.js";
import {
  isCount,
  isEventId,
  isHex64,
  isInteger,
  isKind,
  isLabel,
  isObject,
  isTimestamp,
  isUuid,
  misfit,
  nullOr,
  stringOf,
} from "./shapes.js";

/** @typedef {Map<string, import("./json.js").JsonValue>} Row */

/** Bytes of a row line without its `\n` (SPEC 15). */
export const MAX_ROW_BYTES = 1_048_576;

/** Levels of a row (SPEC 15). */
export const MAX_ROW_DEPTH = 32;

/** The hash before the first row (SPEC 2). */
export const ZEROS = "0".repeat(64);

const AUDIT_SCHEMA = 2;
const KINDS_OF_THE_LOG = ["recovered", "checkpoint"];
const RUN_MEMBERS = ["run_id", "run_seq", "run_prev_hash", "session_id"];

const ENVELOPE = {
  agent: isLabel,
  audit_schema: isInteger,
  event_id: isEventId,
  hash: isHex64,
  kind: isKind,
  prev_hash: isHex64,
  protocol: isLabel,
  run_id: nullOr(isUuid),
  run_prev_hash: nullOr(isHex64),
  run_seq: nullOr(isCount),
  seq: isCount,
  session_id: nullOr(stringOf(1, 256)),
  ts: isTimestamp,
};

/**
 * The row in a row line, with everything checked that can be seen in it alone; else a Rejection with a code of SPEC 4.
 * @param {Uint8Array} line without its `\n`
 * @returns {Row}
 */
export function readLine(line) {
  if (line.length > MAX_ROW_BYTES) reject("row-too-long");
  const row = parse(line, { depth: MAX_ROW_DEPTH, floats: false });
  if (!isObject(row)) reject("row-form", "not an object");
  if (!sameBytes(utf8(canonical(row)), line)) reject("row-form", "not in canonical form");
  checkMembers(row);
  checkHash(row);
  return row;
}

/**
 * Checks a row that did not come as a line, in the order of check 3 of SPEC 11.
 * @param {Row} row
 */
export function checkRow(row) {
  checkNoFloat(row);
  ensure(isObject(row), "row-field", "not an object");
  checkDepth(row, MAX_ROW_DEPTH);
  if (utf8(canonical(row)).length > MAX_ROW_BYTES) reject("row-too-long");
  checkMembers(row);
  checkHash(row);
}

/** SPEC 3.3 */
function checkNoFloat(value) {
  ensure(!(value instanceof Float), "float");
  itemsOf(value).forEach(checkNoFloat);
}

/**
 * SPEC 3.1, the levels of a row.
 * @param {import("./json.js").JsonValue} value
 * @param {number} levelsLeft
 */
export function checkDepth(value, levelsLeft) {
  if (Array.isArray(value) || isObject(value)) ensure(levelsLeft > 0, "too-deep");
  for (const item of itemsOf(value)) checkDepth(item, levelsLeft - 1);
}

function itemsOf(value) {
  if (Array.isArray(value)) return value;
  return isObject(value) ? [...value.values()] : [];
}

/** SPEC 4.2 and 5 */
function checkMembers(row) {
  checkSchema(row);
  const name = misfit(row, ENVELOPE) ?? ownMisfit(row);
  if (name !== null) reject("row-field", name);
  checkRunMembers(row);
}

/** A missing or ill-typed `audit_schema` is `row-field` like any other member; another version is `row-schema`. */
function checkSchema(row) {
  const schema = row.get("audit_schema");
  if (isInteger(schema) && schema !== AUDIT_SCHEMA) reject("row-schema", String(schema));
}

function checkRunMembers(row) {
  const mustBeNull = KINDS_OF_THE_LOG.includes(row.get("kind"));
  for (const name of RUN_MEMBERS) ensure((row.get(name) === null) === mustBeNull, "row-field", name);
}

/** SPEC 4.3 */
function checkHash(row) {
  if (row.get("hash") !== sha256Hex(canonical(withoutMember(row, "hash")))) reject("row-hash");
}

/** @param {Map<string, unknown>} object @param {string} name @returns {Map<string, unknown>} a copy in the same order */
export function withoutMember(object, name) {
  const rest = new Map(object);
  rest.delete(name);
  return rest;
}
