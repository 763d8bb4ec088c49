/** Why evidence was refused. Knows codes and nothing of what they are about. */

/** Thrown, and nothing else is, for input that breaks a rule; `code` is one of SPEC's. */
export class Rejection extends Error {
  /**
   * @param {string} code a code of SPEC, or one that the README of this directory lists
   * @param {string} [detail] one line for people
   */
  constructor(code, detail) {
    super(detail ? `${code}: ${detail}` : code);
    this.name = "Rejection";
    this.code = code;
  }
}

/**
 * @param {string} code
 * @param {string} [detail]
 * @returns {never}
 */
export function reject(code, detail) {
  throw new Rejection(code, detail);
}

/**
 * Throws a Rejection with `code` unless `condition` holds.
 * @param {unknown} condition
 * @param {string} code
 * @param {string} [detail]
 */
export function ensure(condition, code, detail) {
  if (!condition) reject(code, detail);
}

/**
 * What `read` returns; its Rejection, if there is one, with another code.
 * @template T
 * @param {string} code
 * @param {() => T} read
 * @returns {T}
 */
export function renamed(code, read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof Rejection) reject(code, error.message);
    throw error;
  }
}

/** Thrown where a check cannot be made here; it says nothing of the evidence, and is neither a pass nor a failure. */
export class NotChecked extends Rejection {}
