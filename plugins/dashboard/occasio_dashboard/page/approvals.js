/** What waits for a person: each call in full, and the two answers. An answer names the call by its whole digest. */

import { post } from "./connection.js";
import { button, element, foreign } from "./elements.js";
import { lasting } from "./words.js";

const CONFIRMATION = "yes";

export class Approvals {
  /** @param {(text: string) => void} announce for those who do not see the page */
  constructor(announce) {
    this.announce = announce;
    this.cards = new Map();
    this.dialog = null;
    this.list = element("ul.list.questions");
    this.node = element("section.card.waiting", { "aria-labelledby": "waiting", hidden: "" }, element("h2", { id: "waiting", tabindex: "-1" }, "Waiting for you"), this.list);
    setInterval(() => this.tick(), 1000);
  }

  /** @param {any[]} questions all that wait now */
  show(questions) {
    const ids = new Set(questions.map((question) => question.approval_id));
    for (const [id, card] of this.cards) if (!ids.has(id)) this.gone(id, card);
    for (const question of questions) if (!this.cards.has(question.approval_id)) this.come(question);
    this.node.hidden = questions.length === 0;
    document.title = questions.length === 0 ? "Occasio" : `(${questions.length}) Occasio waits for you`;
    this.tick();
  }

  come(question) {
    const left = element("span.quiet.left", { "data-until": question.expires_at });
    const card = element(
      "li",
      { "data-approval": question.approval_id },
      element("h3", {}, foreign(question.tool), " of ", foreign(question.agent)),
      whole(question),
      element(
        "div.bar",
        {},
        button("Let it run once …", () => this.ask(question, "approve"), { class: "yes" }),
        button("Refuse …", () => this.ask(question, "deny"), { class: "no" }),
        left,
      ),
    );
    this.cards.set(question.approval_id, card);
    this.list.append(card);
    this.announce(`A call of ${question.tool} waits for your answer.`);
  }

  gone(id, card) {
    card.remove();
    this.cards.delete(id);
    if (this.dialog?.dataset.approval === id && this.dialog.open) {
      this.dialog.close();
      this.announce("The question has ended.");
    }
  }

  /** Have the person say that she means this call. */
  ask(question, answer) {
    const granting = answer === "approve";
    const typed = element("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
    const message = element("input", { type: "text", maxlength: "2000", autocomplete: "off" });
    const problem = element("p.warning", { role: "alert" });
    const send = element(`button.${granting ? "yes" : "no"}`, { type: "submit" }, granting ? "Let it run once" : "Refuse it");
    if (granting) {
      send.disabled = true;
      typed.addEventListener("input", () => (send.disabled = typed.value.trim() !== CONFIRMATION));
    }
    const form = element(
      "form",
      {},
      ...(granting ? [element("label", {}, element("span", {}, "Type ", element("code", {}, CONFIRMATION), " if this call, as it stands above, may run"), typed)] : []),
      element("label", {}, "What the model is told (may stay empty)", message),
      problem,
      element("div.bar", {}, send, button("Not now", () => this.dialog.close())),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      try {
        await post(`approvals/${question.approval_id}`, { answer, digest: question.digest, message: message.value });
        this.announce(granting ? "The call may run." : "The call was refused.");
        this.dialog.close();
      } catch (error) {
        send.disabled = false;
        problem.replaceChildren(foreign([error.message, error.hint].filter(Boolean).join(" — ")));
      }
    });
    this.dialog?.remove();
    this.dialog = element(
      "dialog",
      { "aria-labelledby": "question", "data-approval": question.approval_id },
      element("h2", { id: "question" }, granting ? "Let this call run once?" : "Refuse this call?"),
      whole(question),
      form,
    );
    const opener = document.activeElement;
    this.dialog.addEventListener("close", () => (opener?.isConnected ? opener : document.getElementById("content")).focus());
    document.body.append(this.dialog);
    this.dialog.showModal();
    (granting ? typed : message).focus();
  }

  tick() {
    for (const left of this.list.querySelectorAll(".left")) {
      left.textContent = `${lasting(Date.parse(left.dataset.until) - Date.now())} left`;
    }
  }
}

/** All that the person is asked about. */
function whole(question) {
  const rows = [
    ...Object.entries(question.tool_inputs ?? {}).map(([name, value]) => [name, value, true]),
    ...(question.effects ?? []).map((effect) => ["would", effect]),
    ["why", question.message],
    ["rule", question.rule ?? "—"],
    ["in", question.cwd],
    ["run", question.run_id],
    ["digest", question.digest],
  ];
  return element(
    "dl.facts",
    {},
    ...rows.map(([name, value, lines]) =>
      element("div", {}, element("dt", {}, foreign(String(name), { tag: "span" })), element("dd", {}, lines ? block(asText(value)) : foreign(asText(value), { most: Infinity }))),
    ),
  );
}

/** A text of several lines, which the keyboard reaches where it scrolls. */
function block(text) {
  const made = foreign(text, { tag: "pre", most: Infinity });
  made.tabIndex = 0;
  return made;
}

function asText(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
