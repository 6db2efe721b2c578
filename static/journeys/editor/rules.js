/* A rule of segments in the panel: its sentence, a button that opens the builder on it. Its JSON is not shown. */

import { open } from "../../js/dialogs.js";
import { byId, el, icon, say } from "./dom.js";

const dialog = byId("je-rule");
const frame = byId("je-rule-frame");
const sent = byId("je-rule-form");
let asking = null;

export function dressRules(form) {
  for (const text of form.querySelectorAll("textarea[data-rule]")) {
    const edit = el("button", { type: "button", class: "btn", onclick: () => ask(text) }, icon("target-arrow"), say(text.value ? "edit_rule" : "write_rule"));
    text.before(edit);
    text.hidden = true;
  }
}

/* Each rule in words, by the name of its field. */
export function sayRules(form, sentences) {
  for (const text of form.querySelectorAll("textarea[data-rule]")) {
    const box = text.closest(".wf-field");
    box.querySelector(".je-sentence")?.remove();
    if (sentences[text.name]) text.before(el("p", { class: "je-sentence" }, sentences[text.name]));
  }
}

function ask(text) {
  asking = text;
  sent.elements.definition.value = text.value;
  frame.title = say("edit_rule");
  sent.submit();
  open(dialog);
}

/* The builder in the frame says what was written when it is saved there. */
window.addEventListener("message", (event) => {
  if (event.origin !== window.location.origin || event.source !== frame.contentWindow || event.data?.wayfare !== "rule") return;
  dialog.close();
  if (!asking?.isConnected) return;
  asking.value = event.data.definition ?? "";
  asking.dispatchEvent(new Event("change", { bubbles: true }));
  asking = null;
});
dialog.addEventListener("close", () => { frame.src = "about:blank"; });
