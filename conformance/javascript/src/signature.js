/**
 * Ed25519 and ECDSA on P-256 (SPEC 9.3). The strict rules are checked here; the arithmetic is WebCrypto's.
 * Knows keys and bytes, and nothing of what was signed.
 */

import { isCanonicalPoint, littleEndian } from "./edwards.js";
import { hex } from "./encoding.js";
import { NotChecked } from "./rejection.js";

/** RFC 8032 section 5.1 */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** SP 800-186 section 3.2.1.3 */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The code for what this platform cannot check. */
const ALGORITHM_UNSUPPORTED = "algorithm-unsupported";

/**
 * Whether the signature is valid; a NotChecked `algorithm-unsupported` if this platform cannot tell.
 * @param {import("./keys.js").PublicKey} key
 * @param {Uint8Array} message
 * @param {Uint8Array} signature 64 bytes (RFC 8032), or the DER of ECDSA-Sig-Value (RFC 5480 appendix A)
 * @returns {Promise<boolean>}
 */
export async function isValidSignature(key, message, signature) {
  if (key.algorithm === "ed25519") return isValidEd25519(key, message, signature);
  return isValidEcdsa(key, message, signature);
}

async function isValidEd25519(key, message, signature) {
  const isStrict =
    signature.length === 64 &&
    littleEndian(signature.subarray(32)) < GROUP_ORDER &&
    isCanonicalPoint(signature.subarray(0, 32));
  if (!isStrict) return false; // the key was found sound when it was read
  return verify(key, { name: "Ed25519" }, { name: "Ed25519" }, message, signature);
}

async function isValidEcdsa(key, message, signature) {
  const raw = fixedLength(signature);
  if (raw === null) return false;
  return verify(key, { name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }, message, raw);
}

/** r and s of 32 bytes each, as WebCrypto wants them; null if the DER is not strict or a number is out of range. */
function fixedLength(der) {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const r = readInteger(der, 2);
  const s = r && readInteger(der, r.end);
  if (!s || s.end !== der.length) return null;
  return Uint8Array.from([...r.padded, ...s.padded]);
}

/** A DER INTEGER from 1 to the order of the group less one, in the only form that X.690 section 8.3 allows. */
function readInteger(der, at) {
  const length = der[at + 1];
  const digits = der.subarray(at + 2, at + 2 + length);
  if (der[at] !== 0x02 || !(length >= 1 && length <= 33) || digits.length !== length) return null;
  if (digits[0] >= 0x80 || (length > 1 && digits[0] === 0 && digits[1] < 0x80)) return null;
  const value = BigInt(`0x${hex(digits)}`);
  if (value < 1n || value >= P256_ORDER) return null;
  const padded = new Uint8Array(32);
  const significant = digits.subarray(Math.max(0, length - 32));
  padded.set(significant, 32 - significant.length);
  return { padded, end: at + 2 + length };
}

async function verify(key, importAlgorithm, verifyAlgorithm, message, signature) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new NotChecked(ALGORITHM_UNSUPPORTED, "no WebCrypto");
  let handle;
  try {
    handle = await subtle.importKey("raw", key.raw, importAlgorithm, false, ["verify"]);
  } catch (error) {
    if (error?.name === "NotSupportedError") throw new NotChecked(ALGORITHM_UNSUPPORTED, importAlgorithm.name);
    return false; // not a point of the curve
  }
  return subtle.verify(verifyAlgorithm, handle, signature, message);
}
