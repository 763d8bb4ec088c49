#!/usr/bin/env node
/**
 * Puts the viewer's parts into one page, `index.html`: modules do not load from `file://`. Knows the few forms of `import`
 * and `export` that are used here, and refuses any other.
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const IMPORT = /^import (?:\* as (\w+)|\{([^}]*)\}) from "(\.[^"]*)";\n/gm;
const EXPORT = /^export (?:async )?(?:function\*? |class |const |let )(\w+)/gm;

/** @returns {string} the page */
export function page() {
  const script = wrapped(modulesFrom(join(HERE, "main.js")));
  const style = readFileSync(join(HERE, "style.css"), "utf8");
  const parts = { policy: policy(script, style), style, script };
  return readFileSync(join(HERE, "page.html"), "utf8").replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

/** Nothing but this style and this script; the worker is a copy of the script. */
function policy(script, style) {
  const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types occasio-worker",
  ].join("; ");
}

/** Every module that one needs, those first that others need. @returns {Map<string, string>} texts by path */
function modulesFrom(path, found = new Map(), open = []) {
  if (found.has(path)) return found;
  if (open.includes(path)) throw new Error(`${path} imports itself, by way of others`);
  const text = readFileSync(path, "utf8");
  for (const [, , , from] of text.matchAll(IMPORT)) modulesFrom(normalize(join(dirname(path), from)), found, [...open, path]);
  return found.set(path, text);
}

/** Each module is a function of its own, so that equal names in two of them stay apart. */
function wrapped(modules) {
  const number = new Map([...modules.keys()].map((path, i) => [path, `module${i}`]));
  const texts = [...modules].map(([path, text]) => asFunction(path, text, number));
  const script = `"use strict";\n${texts.join("")}`;
  if (/<\/script|<!--/i.test(script)) throw new Error("a script in a page cannot hold `</script` or `<!--`");
  return script;
}

function asFunction(path, text, number) {
  const body = text
    .replace(IMPORT, (_, whole, some, from) => {
      const source = number.get(normalize(join(dirname(path), from)));
      return whole ? `const ${whole} = ${source};\n` : `const {${some.replaceAll(" as ", ": ")}} = ${source};\n`;
    })
    .replace(EXPORT, (line) => line.slice("export ".length));
  const left = /^(?:import|export)\b.*/m.exec(body);
  if (left) throw new Error(`${path}: this form is not known here: ${left[0]}`);
  const names = [...text.matchAll(EXPORT)].map(([, name]) => name);
  return `const ${number.get(path)} = (() => {\n${body}return { ${names.join(", ")} };\n})();\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(HERE, "index.html"), page());
