/** One script for both sides: in a page it starts the page, in a worker it checks what the page sends. */

import { examine } from "./examine.js";
import { startPage } from "./page.js";

function serve() {
  globalThis.onmessage = async ({ data }) => {
    try {
      postMessage(await examine(data));
    } catch (error) {
      // a mistake of ours is no verdict: the page says that it failed
      postMessage({ failure: `${error.name}: ${error.message}` });
    }
  };
}

/** A worker that runs the text of this very script, which is all that the page's policy allows. */
function workerOf(text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const trusted = globalThis.trustedTypes?.createPolicy("occasio-worker", { createScriptURL: (url) => url });
  return () => new Worker(trusted ? trusted.createScriptURL(address) : address);
}

if (typeof document === "undefined") serve();
else startPage(workerOf(document.currentScript.textContent));
