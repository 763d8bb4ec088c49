/** The Statement, its envelope and the key bundle around it (SPEC 9). Knows no rows and checks no signature. */

import { canonical } from "./canonical.js";
import { concat, fromBase64, utf8 } from "./encoding.js";
import { object } from "./json.js";
import { PREDICATE_TYPE } from "./predicate.js";
import { ensure } from "./rejection.js";
import { arrayOf, exactObject, exactly, isObject, isString, objectWith } from "./shapes.js";

export const PAYLOAD_TYPE = "application/vnd.in-toto+json";

const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

export const isBase64 = (value) => isString(value) && fromBase64(value) !== null;
const isHint = (value) => isString(value) && fromBase64(value)?.length === 32;

const isKeyBundle = exactObject({
  dsseEnvelope: exactObject({
    payload: isBase64,
    payloadType: isString,
    signatures: arrayOf(exactObject({ keyid: isHint, sig: isBase64 })),
  }),
  mediaType: exactly(BUNDLE_TYPE),
  verificationMaterial: exactObject({
    publicKey: exactObject({ hint: isHint }),
    tlogEntries: (value) => Array.isArray(value) && value.length === 0,
  }),
});

/** Of a bundle that this verifier cannot check further, what the Statement needs. */
const hasEnvelope = objectWith({
  dsseEnvelope: objectWith({
    payload: isBase64,
    payloadType: isString,
    signatures: arrayOf(objectWith({ sig: isBase64 }, { keyid: isString })),
  }),
});

/**
 * The text of the Statement (SPEC 9.1).
 * @param {Map<string, unknown>} predicate without `signature`
 * @param {{name: string, digest: string}[]} subjects in order; digests are hex64
 * @returns {string}
 */
export function statement(predicate, subjects) {
  return canonical(
    object({
      _type: STATEMENT_TYPE,
      predicate,
      predicateType: PREDICATE_TYPE,
      subject: subjects.map(({ name, digest }) => object({ digest: object({ sha256: digest }), name })),
    }),
  );
}

/**
 * What a signature in a DSSE envelope signs (SPEC 9.2).
 * @param {Uint8Array} type
 * @param {Uint8Array} payload
 */
export function pae(type, payload) {
  return concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/**
 * @typedef {object} Envelope
 * @property {Uint8Array} payload
 * @property {Uint8Array} signature
 * @property {string | null} hint H of SPEC 9.3; null in a `sigstore_bundle`
 */

/**
 * The envelope of a key bundle; else a Rejection `envelope-form`, `signature-count` or `payload-type`.
 * @param {Map<string, unknown>} bundle
 * @returns {Envelope}
 */
export function readKeyBundle(bundle) {
  ensure(isKeyBundle(bundle), "envelope-form");
  const hint = bundle.get("verificationMaterial").get("publicKey").get("hint");
  const keyIds = bundle.get("dsseEnvelope").get("signatures").map((signature) => signature.get("keyid"));
  ensure(keyIds.every((keyId) => keyId === hint), "envelope-form", "two different hints");
  return { ...readEnvelope(bundle), hint };
}

/**
 * The envelope of a `sigstore_bundle`, of which nothing else is read; rejections as in `readKeyBundle`.
 * @param {Map<string, unknown>} bundle
 * @returns {Envelope}
 */
export function readSigstoreBundle(bundle) {
  ensure(isObject(bundle) && hasEnvelope(bundle), "envelope-form");
  return { ...readEnvelope(bundle), hint: null };
}

function readEnvelope(bundle) {
  const envelope = bundle.get("dsseEnvelope");
  const signatures = envelope.get("signatures");
  ensure(signatures.length === 1, "signature-count", String(signatures.length));
  ensure(envelope.get("payloadType") === PAYLOAD_TYPE, "payload-type");
  return {
    payload: fromBase64(envelope.get("payload")),
    signature: fromBase64(signatures[0].get("sig")),
  };
}
