/** The report of one bundle, as elements: verdict first, then what it rests on. Knows nothing of files and of checking. */

import { card, element, foreign } from "./elements.js";
import { isBlocked, item, timeline } from "./timeline.js";

const MEANING = {
  VERIFIED: "Every check passed, and the signer is one that you named or accepted.",
  INTACT: "Whole and consistent, but not authenticated: anybody could have written it.",
  FAILED: "Do not rely on this: what is marked FAIL below does not hold.",
};
const PROVES = {
  VERIFIED: [
    "Whoever holds this key stated that the run had exactly these rows.",
    "No row was changed, left out, added or moved since.",
    "Every count, time and block in the summary follows from the rows.",
    "The policy text is the one that the rows name.",
  ],
  INTACT: ["The file is whole: rows, summary and policy fit each other.", "Nothing about who wrote it, or when."],
  FAILED: ["That the file is not what its producer sealed, or was never sealed rightly. Nothing else in it is shown."],
};
const PROVES_NOT = [
  "that the recorder was honest, or its clock right",
  "that every call of the agent passed the gate",
  "what the agent did inside a tool that it ran itself (PASS)",
  "what is self-reported: the model's name, the agent's, the commit",
];
const MARKS = { pass: "✓ ok", fail: "✗ FAIL", "not-checked": "– not made" };
const MEANT = {
  format: "strict JSON in its one form, with exactly the members of a bundle",
  manifest: "each part has the digest that the manifest gives",
  rows: "each row is well-formed and has its hash",
  "run-chain": "one run, each row linked to the one before, from its start to its end",
  "log-position": "where the rows stood in the log, and the proof of it",
  predicate: "every count, time and block of the summary follows from the rows",
  policy: "the policy text has the digest that the rows name",
  statement: "what was signed speaks of exactly this run and policy",
  signature: "the signature holds under a key that you gave",
  signer: "that key is one that you named or accepted",
};
const WHY = {
  "earlier-failure": "an earlier check did not pass",
  unsigned: "the bundle is not signed",
  "signer-unknown": "signed by a key that was not given; open the signer's public key too",
  "sigstore-unsupported": "Sigstore signatures are checked on the command line",
  "algorithm-unsupported": "this browser cannot check this kind of signature",
};

/** @param {object} view as `examine` makes it @returns {Node[]} */
export function report(view) {
  if (view.refused !== undefined) return [refusal(view)];
  const parts = [verdict(view), checks(view)];
  if (view.differences.found.length > 0) parts.push(differences(view.differences));
  if (view.events === undefined) return parts;
  if (view.verdict === "FAILED") {
    parts.push(element("p.warning", {}, "What follows is what the file says. It is not shown to be true."));
  }
  return [...parts, facts(view), blocked(view.events), timeline(view.events), policies(view.policies)];
}

function refusal({ refused }) {
  const part = card("Not a bundle", element("p", {}, "There is nothing to check in this file: "), foreign(refused));
  part.classList.add("verdict", "FAILED");
  return part;
}

function verdict(view) {
  const subject = element("p", {}, "run ", foreign(view.runId ?? "unknown"), ", file ", foreign(view.file));
  if (view.signer !== null) subject.append(", signed by the key ", foreign(view.signer));
  const lists = element(
    "div.columns",
    {},
    element("div", {}, element("h3", {}, "What this shows"), bullets(PROVES[view.verdict])),
    element("div", {}, element("h3", {}, "What no bundle shows"), bullets(PROVES_NOT)),
  );
  const part = card(view.verdict, element("p", {}, MEANING[view.verdict]), subject, ...advice(view).map((text) => element("p", {}, text)), lists);
  part.classList.add("verdict", view.verdict);
  return part;
}

function advice(view) {
  const found = [];
  if (view.hasSigstore) found.push("It has a Sigstore signature. That is checked on the command line: python -m occasio_verify FILE --identity ID --issuer URL");
  else if (view.verdict === "INTACT" && !view.isSigned) found.push("It is not signed.");
  else if (view.verdict === "INTACT") found.push("It is signed: open the public key of whom you expect, together with the bundle.");
  if (view.unknownKinds > 0) found.push(`${view.unknownKinds} rows are of kinds that this page does not know.`);
  if (view.profile === "node") found.push("It was written by the Node implementation; less can be recomputed of it (SPEC 17).");
  return found;
}

function bullets(texts) {
  return element("ul", {}, ...texts.map((text) => element("li", {}, text)));
}

function checks(view) {
  const items = view.checks.map(({ name, status, code, detail }) => {
    const why = element("span.quiet", {}, status === "not-checked" ? (WHY[code] ?? "") : (MEANT[name] ?? ""));
    if (status === "fail") why.append(": ");
    if (status === "fail" || (status === "not-checked" && !WHY[code])) why.append(foreign(detail ?? code ?? ""));
    return element(`li.${status}`, {}, element("span.mark", {}, MARKS[status]), element("span", {}, name), why);
  });
  return card("Checks", element("ul.list.checks", {}, ...items));
}

function differences({ found, more }) {
  const items = found.map(({ check, where, claimed, recomputed }) =>
    element(
      "li.difference",
      {},
      element("strong", {}, `${check} `),
      foreign(where),
      element(
        "dl",
        {},
        element("dt", {}, "claimed"),
        element("dd.claimed", {}, foreign(claimed)),
        element("dt", {}, "recomputed"),
        element("dd.recomputed", {}, foreign(recomputed)),
      ),
    ),
  );
  const rest = more > 0 ? [element("p.quiet", {}, `and ${more} more`)] : [];
  return card("Claimed and recomputed", element("ul.list", {}, ...items), ...rest);
}

function facts(view) {
  const lines = view.facts.map(({ name, value, basis }) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, foreign(value)), element("dd.basis", {}, basis)),
  );
  return card("In sum", element("dl.facts", {}, ...lines));
}

const MOST_BLOCKED = 300;

function blocked(events) {
  const found = events.filter(isBlocked);
  if (found.length === 0) return card("Blocked", element("p.quiet", {}, "No call was refused."));
  const items = found.slice(0, MOST_BLOCKED).map((event) => {
    const line = item(event);
    const [, rule] = event.more.find(([name]) => name === "rule") ?? event.more.find(([name]) => name === "reason") ?? ["", "no rule named"];
    line.querySelector("summary").lastElementChild.append(element("span.quiet", {}, " — ", foreign(rule, { most: 400 })));
    return line;
  });
  const rest = found.length > MOST_BLOCKED ? [element("p.quiet", {}, "The others are in the timeline.")] : [];
  return card("Blocked", element("p.quiet", {}, `${found.length} refused`), element("ol.list.events", {}, ...items), ...rest);
}

function policies(held) {
  if (held.length === 0) return card("Policy", element("p.quiet", {}, "The bundle holds no policy."));
  const parts = held.flatMap(({ path, sha256, text }, i) => [
    element("h3", {}, i === 0 ? "At the start" : `Then, change ${i}`),
    element("p.quiet", {}, foreign(path ?? "built in"), ", SHA-256 ", foreign(sha256)),
    foreign(text, { tag: "pre", lines: true }),
  ]);
  return card("Policy", ...parts);
}
