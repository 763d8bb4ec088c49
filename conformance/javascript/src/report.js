/** What came of the checks, the verdict and the exit code (SPEC 11 and 13). Knows no check by what it does. */

import { NotChecked, Rejection } from "./rejection.js";

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {"pass" | "fail" | "not-checked"} status
 * @property {string | null} code null if it passed
 * @property {string | null} detail one line for people
 */

/** @typedef {"VERIFIED" | "INTACT" | "FAILED"} Verdict */

/** Wrong use, a file that cannot be read, not a bundle. */
export const EXIT_NO_REPORT = 2;

/** The outcomes of checks, in the order in which they were made. */
export class Checklist {
  constructor() {
    /** @type {Check[]} */
    this.checks = [];
  }

  /**
   * Makes a check and keeps its outcome, unless one that it needs has failed or was not made itself.
   * @template T
   * @param {string} name
   * @param {string[]} needs names of earlier checks
   * @param {() => T | Promise<T>} check throws a Rejection if it fails, a NotChecked if it cannot be made
   * @returns {Promise<T | undefined>} what it returns; undefined unless it passed
   */
  async make(name, needs, check) {
    if (!needs.every((need) => this.passed(need))) return this.skip(name, "earlier-failure");
    try {
      const result = await check();
      this.keep(name, "pass", null, null);
      return result;
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      const status = error instanceof NotChecked ? "not-checked" : "fail";
      this.keep(name, status, error.code, error.message);
      return undefined;
    }
  }

  /** Keeps that a check was not made. */
  skip(name, code) {
    this.keep(name, "not-checked", code, null);
  }

  keep(name, status, code, detail) {
    this.checks.push({ name, status, code, detail });
  }

  passed(name) {
    return this.checks.some((check) => check.name === name && check.status === "pass");
  }

  /** @returns {Check | undefined} */
  find(name) {
    return this.checks.find((check) => check.name === name);
  }

  /** @returns {Verdict} FAILED if a check fails, VERIFIED if all pass, else INTACT */
  verdict() {
    if (this.checks.some((check) => check.status === "fail")) return "FAILED";
    return this.checks.every((check) => check.status === "pass") ? "VERIFIED" : "INTACT";
  }
}

/**
 * @param {Verdict} verdict
 * @param {boolean} integrityOnly whether the caller asked for integrity only
 */
export function exitOf(verdict, integrityOnly) {
  if (verdict === "INTACT") return integrityOnly ? 0 : 3;
  return verdict === "VERIFIED" ? 0 : 1;
}
