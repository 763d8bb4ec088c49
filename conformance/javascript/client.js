/** Answers the runner (conformance/PROTOCOL.md): one request a line on standard input, one answer a line on standard output. */

import { answers } from "./operations.js";
import { inputLines } from "./src/node.js";
import { Rejection } from "./src/rejection.js";

async function answer(line) {
  const { id, op, ...input } = JSON.parse(line);
  if (!Object.hasOwn(answers, op)) return { id, ok: false, code: "unsupported-op" };
  try {
    return { id, ok: true, ...(await answers[op](input)) };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const { code, line: lineNumber, exit } = error;
    return { id, ok: false, code, ...(lineNumber && { line: lineNumber }), ...(exit && { exit }) };
  }
}

/** JSON in ASCII, as PROTOCOL.md asks. */
function ascii(value) {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

for await (const line of inputLines()) process.stdout.write(`${ascii(await answer(line))}\n`);
