// Verifies one Sigstore bundle with @sigstore/verify: by a public key, or by a trusted root.  Exit 0: it holds; 1: it does not.
//
//     node verify.mjs BUNDLE --key HINT KEY.pem
//     node verify.mjs BUNDLE --root trusted_root.json IDENTITY ISSUER
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";

const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const [file, how, ...rest] = process.argv.slice(2);

function byKey(hint, path) {
  const key = { publicKey: createPublicKey(readFileSync(path)), validFor: () => true };
  const finder = (asked) => {
    if (asked !== hint) throw new Error(`no key ${asked}`);
    return key;
  };
  const nobody = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], publicKey: finder };
  return [new Verifier(nobody, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }), undefined];
}

function byRoot(path, identity, issuer) {
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(json(path))));
  return [verifier, { subjectAlternativeName: identity, extensions: { issuer } }];
}

try {
  const [verifier, policy] = how === "--key" ? byKey(...rest) : byRoot(...rest);
  verifier.verify(toSignedEntity(bundleFromJSON(json(file))), policy);
  console.log("holds");
} catch (error) {
  console.log(`${error.code ?? error.name}: ${error.message}`);
  process.exitCode = 1;
}
