/** As much of edwards25519 as tells a sound public key from bytes (RFC 8032 section 5.1). Knows no signatures. */

import { hex } from "./encoding.js";

const FIELD = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** @param {Uint8Array} bytes @returns {bigint} */
export function littleEndian(bytes) {
  return BigInt(`0x${hex(bytes.slice().reverse())}`);
}

/**
 * RFC 8032 section 5.1.3: y is reduced, and x = 0, where y is 1 or -1, has no sign. Says nothing of the curve.
 * @param {Uint8Array} bytes 32 of them
 */
export function isCanonicalPoint(bytes) {
  const encoded = littleEndian(bytes);
  const y = encoded & (2n ** 255n - 1n);
  const hasSign = y !== encoded;
  return y < FIELD && !(hasSign && (y === 1n || y === FIELD - 1n));
}

/**
 * Whether the bytes are the one encoding of a point of the curve that is not of small order.
 * @param {Uint8Array} bytes 32 of them
 */
export function isSoundKey(bytes) {
  return isCanonicalPoint(bytes) && isOnCurve(bytes) && !isOfSmallOrder(bytes);
}

/** Whether there is an x: whether x^2 = (y^2 - 1) / (d y^2 + 1) is a square, which is so if u * v is, of u / v. */
function isOnCurve(bytes) {
  const y2 = ordinate(bytes) ** 2n % FIELD;
  const product = (y2 - 1n + FIELD) * (D * y2 + 1n) % FIELD;
  return product === 0n || power(product, (FIELD - 1n) / 2n) === 1n;
}

/**
 * Whether the point's order divides 8. These are the y for which doubling three times gives the neutral element: y = 1,
 * y = -1, y = 0, and the roots of d y^4 + 2 y^2 - 1 = 0, where the double has y = 0.
 */
function isOfSmallOrder(bytes) {
  const y = ordinate(bytes);
  const y2 = (y * y) % FIELD;
  return y === 1n || y === FIELD - 1n || y === 0n || (D * y2 * y2 + 2n * y2 - 1n) % FIELD === 0n;
}

function ordinate(bytes) {
  return littleEndian(bytes) & (2n ** 255n - 1n);
}

function power(base, exponent) {
  let result = 1n;
  for (let square = base; exponent > 0n; exponent >>= 1n, square = (square * square) % FIELD) {
    if (exponent & 1n) result = (result * square) % FIELD;
  }
  return result;
}
