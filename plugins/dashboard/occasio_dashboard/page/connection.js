/** The way to the server: the link that opens this page, questions and answers, and the stream of what is new. */

const KEPT = "occasio-page"; // of this tab and this origin alone, port included; a cookie would go to every port
const PATIENCE = 1000; // milliseconds before the stream is asked for again, doubled each time
const MOST_PATIENCE = 15_000;

/** Said by the server in words for a person. */
export class Refused extends Error {
  /** @param {number} status @param {string} message @param {string} hint */
  constructor(status, message, hint) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** Open the page with the secret behind `#`, if there is one, and take it out of the address at once. */
export async function opened() {
  const link = location.hash.slice(1);
  if (link === "" || link.startsWith("/")) return;
  history.replaceState(null, "", `${location.pathname}#/`);
  const { page } = await asked("open", { method: "POST", body: JSON.stringify({ link }) });
  sessionStorage.setItem(KEPT, page);
}

/** @param {string} what @param {Record<string, string | number>} [about] @returns {Promise<any>} */
export function get(what, about = {}) {
  const query = new URLSearchParams(Object.entries(about).map(([name, value]) => [name, String(value)]));
  return asked(query.size > 0 ? `${what}?${query}` : what, {});
}

/** @param {string} what @param {object} given @returns {Promise<any>} */
export function post(what, given) {
  return asked(what, { method: "POST", body: JSON.stringify(given) });
}

/**
 * Follow the stream for as long as the page is open.
 * @param {(name: string, data: any) => void} hear events, and `connected`, `broken` and `refused` of our own
 */
export async function follow(hear) {
  let patience = PATIENCE;
  for (;;) {
    try {
      const answer = await fetch("/api/stream", { headers: headers(), cache: "no-store" });
      if (!answer.ok) throw await refusal(answer);
      for await (const { name, data } of events(answer.body)) {
        patience = PATIENCE;
        hear(name === "begun" ? "connected" : name, data);
      }
      hear("broken", null);
    } catch (error) {
      if (error instanceof Refused && error.status < 500) return hear("refused", error);
      hear("broken", error);
    }
    await new Promise((resume) => setTimeout(resume, patience));
    patience = Math.min(patience * 2, MOST_PATIENCE);
  }
}

/** The events of a text/event-stream: each one a name and a line of JSON. @param {ReadableStream<Uint8Array>} body */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (kept + value).split("\n\n");
    kept = blocks.pop();
    for (const block of blocks) {
      const found = /^event: (.*)\ndata: (.*)$/.exec(block);
      if (found) yield { name: found[1], data: JSON.parse(found[2]) };
    }
  }
}

async function asked(what, { method = "GET", body }) {
  const answer = await fetch(`/api/${what}`, { method, body, headers: headers(), cache: "no-store" });
  if (!answer.ok) throw await refusal(answer);
  return answer.json();
}

function headers() {
  return { authorization: `Bearer ${sessionStorage.getItem(KEPT) ?? ""}`, "content-type": "application/json" };
}

async function refusal(answer) {
  const { error, hint } = await answer.json().catch(() => ({ error: `the server answered ${answer.status}`, hint: "" }));
  return new Refused(answer.status, error, hint);
}
