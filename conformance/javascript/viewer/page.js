/** The page: files in, the report out. What is checked is checked in a worker, so that the page stays quick meanwhile. */

import { button, element, foreign } from "./elements.js";
import { report } from "./report.js";

const ROLES = { bundle: "bundle", key: "public key", trust: "trust file", refused: "not taken" };
const ALONE = ["bundle", "trust"]; // of these the last that was opened counts

/** @param {() => Worker} newWorker */
export function startPage(newWorker) {
  const [input, drop, list, status, place] = ["files", "drop", "loaded", "status", "report"].map((id) => document.getElementById(id));
  /** @type {{file: File, role: string | null}[]} */
  let held = [];
  let worker = null;

  const say = (text, isWrong = false, isBusy = false) => {
    status.textContent = text;
    status.setAttribute("aria-busy", String(isBusy));
    status.classList.toggle("wrong", isWrong);
  };
  const add = (files) => {
    held.push(...[...files].map((file) => ({ file, role: null })));
    check();
  };
  const check = async () => {
    worker?.terminate();
    draw();
    place.replaceChildren();
    if (held.length === 0) return say("");
    say("Checking …", false, true);
    const mine = (worker = newWorker());
    mine.onmessage = ({ data }) => (data.failure === undefined ? done(data) : say(`This page failed: ${data.failure}`, true));
    mine.onerror = (event) => say(`This page failed: ${event.message}`, true);
    try {
      const read = held.map(async ({ file }) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }));
      const files = await Promise.all(read);
      if (mine === worker) mine.postMessage(files, files.map(({ bytes }) => bytes.buffer));
    } catch (error) {
      say(`A file cannot be read: ${error.message}`, true);
    }
  };
  const done = ({ opened, view }) => {
    opened.forEach(({ role }, i) => (held[i].role = role));
    const refused = opened.filter(({ role }) => role === "refused");
    held = held.filter((one) => !ALONE.includes(one.role) || one === held.findLast(({ role }) => role === one.role));
    draw();
    if (view) place.replaceChildren(...report(view));
    const lines = refused.map(({ name, why }) => element("span", {}, foreign(name), ": ", foreign(why)));
    say(spoken(view, refused.length), refused.length > 0);
    for (const line of lines) status.append(element("br"), line);
    if (view) place.focus({ preventScroll: true });
  };
  const draw = () => {
    const items = held.map((one) => {
      const what = one.role === null ? "" : ` (${ROLES[one.role]})`;
      const remove = button("✕", () => ((held = held.filter((other) => other !== one)), check()), { "aria-label": `Remove ${one.file.name}` });
      return element("li", {}, foreign(one.file.name), what, " ", remove);
    });
    list.replaceChildren(...items);
  };

  input.addEventListener("change", () => (add(input.files), (input.value = "")));
  for (const name of ["dragover", "dragenter"]) {
    document.addEventListener(name, (event) => (event.preventDefault(), drop.classList.add("over")));
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length > 0) add(event.dataTransfer.files);
  });
}

function spoken(view, refused) {
  if (refused > 0) return `${refused === 1 ? "A file was" : `${refused} files were`} not taken. Remove it to see a verdict.`;
  if (!view) return "Now open a bundle.";
  return view.refused === undefined ? `Checked: ${view.verdict}` : "Not a bundle";
}
