/**
 * What a member may hold: predicates on values of `json.js`, and combinators of them (SPEC 2 and 4.2).
 * Knows no row and no bundle by name.
 */

export const isObject = (value) => value instanceof Map;
export const isString = (value) => typeof value === "string";
export const isBoolean = (value) => typeof value === "boolean";
export const isInteger = (value) => typeof value === "number";
export const isCount = (value) => isInteger(value) && value >= 0;
export const isHex64 = matching(/^[0-9a-f]{64}$/);
export const isLabel = matching(/^[a-z0-9][a-z0-9._-]{0,63}$/);
export const isEventId = matching(/^[A-Za-z0-9-]{16,64}$/);
export const isKind = matching(/^[a-z][a-z0-9_]{0,63}$/);
export const isUuid = matching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
export const isCommitId = matching(/^[0-9a-f]{40}$/);

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Whether the text has the form of SPEC 4.2 and names a moment that exists; the calendar has no year 0. */
export function isTimestamp(value) {
  if (!isString(value) || !TIMESTAMP.test(value) || value.startsWith("0000")) return false;
  const milliseconds = Date.parse(value);
  // Date.parse carries February 30 over into March, and 24:00 into the next day
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === value;
}

/** A string of so many characters, counted in code points. */
export function stringOf(least, most) {
  return (value) => isString(value) && value.length <= 2 * most && inRange([...value].length, least, most);
}

function inRange(number, least, most) {
  return number >= least && number <= most;
}

function matching(pattern) {
  return (value) => isString(value) && pattern.test(value);
}

export function exactly(expected) {
  return (value) => value === expected;
}

export function oneOf(...allowed) {
  return (value) => allowed.includes(value);
}

export function nullOr(shape) {
  return (value) => value === null || shape(value);
}

export function arrayOf(shape) {
  return (value) => Array.isArray(value) && value.every(shape);
}

/** An object whose members may have any name. */
export function mapOf(shape) {
  return (value) => isObject(value) && [...value.values()].every(shape);
}

/** An object with at least these members, and those of `optional` that it has of their shape. */
export function objectWith(members, optional = {}) {
  return (value) => isObject(value) && misfit(value, members, optional) === null;
}

/** An object with these members and no others. */
export function exactObject(members) {
  const names = Object.keys(members);
  return (value) => isObject(value) && value.size === names.length && misfit(value, members) === null;
}

/**
 * The name of the first member that is missing or of another shape; null if there is none.
 * @param {Map<string, unknown>} object
 * @param {Record<string, (value: unknown) => boolean>} members
 * @param {Record<string, (value: unknown) => boolean>} [optional]
 * @returns {string | null}
 */
export function misfit(object, members, optional = {}) {
  for (const [name, shape] of Object.entries(members)) if (!object.has(name) || !shape(object.get(name))) return name;
  for (const [name, shape] of Object.entries(optional)) if (object.has(name) && !shape(object.get(name))) return name;
  return null;
}
