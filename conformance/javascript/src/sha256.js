/**
 * SHA-256 (FIPS 180-4), synchronous, so that a hash is a value and not a promise. Knows nothing of what is hashed.
 * About 100 MB/s on a laptop; WebCrypto is faster for large inputs and slower for rows.
 */

import { hex, utf8 } from "./encoding.js";

const PRIMES = firstPrimes(64);
const ROUND = Uint32Array.from(PRIMES, (prime) => fractionBits(Math.cbrt(prime)));
const START = Uint32Array.from(PRIMES.slice(0, 8), (prime) => fractionBits(Math.sqrt(prime)));

function firstPrimes(count) {
  const primes = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  return primes;
}

/** The first 32 bits of the fraction, FIPS 180-4 sections 4.2.2 and 5.3.3. */
function fractionBits(root) {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

/** @param {Uint8Array} bytes @returns {Uint8Array} the 32 bytes of the digest */
export function sha256(bytes) {
  const state = START.slice();
  const words = new Int32Array(64);
  const whole = bytes.length - (bytes.length % 64);
  for (let at = 0; at < whole; at += 64) compress(state, words, bytes, at);
  const tail = paddedTail(bytes, whole);
  for (let at = 0; at < tail.length; at += 64) compress(state, words, tail, at);
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setUint32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

/** @param {Uint8Array | string} data text is hashed as UTF-8 @returns {string} hex64 */
export function sha256Hex(data) {
  return hex(sha256(typeof data === "string" ? utf8(data) : data));
}

/** What is left behind the whole blocks, the bit 1, zeros and the length in bits (FIPS 180-4 section 5.1.1). */
function paddedTail(bytes, from) {
  const left = bytes.length - from;
  const tail = new Uint8Array(left < 56 ? 64 : 128);
  tail.set(bytes.subarray(from));
  tail[left] = 0x80;
  const view = new DataView(tail.buffer);
  view.setUint32(tail.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(tail.length - 4, bytes.length << 3);
  return tail;
}

/** One block, FIPS 180-4 section 6.2.2. */
function compress(state, words, bytes, at) {
  schedule(words, bytes, at);
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 64; t++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + ROUND[t] + words[t]) | 0;
    const t2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

function schedule(words, bytes, at) {
  for (let t = 0; t < 16; t++, at += 4) {
    words[t] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let t = 16; t < 64; t++) {
    const early = words[t - 15];
    const late = words[t - 2];
    const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    words[t] = (words[t - 16] + sigma0 + words[t - 7] + sigma1) | 0;
  }
}

function rotate(word, bits) {
  return (word >>> bits) | (word << (32 - bits));
}
