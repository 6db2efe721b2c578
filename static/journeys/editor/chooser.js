/* One dialog to choose from a long list by typing: a kind of step, a step to lead to, a step to find. */

import { composing } from "../../js/composing.js";
import { open } from "../../js/dialogs.js";
import { byId, el, icon, say } from "./dom.js";

const dialog = byId("je-chooser");
const input = dialog.querySelector("input[type=search]");
const list = dialog.querySelector("[data-choices]");
const extra = byId("je-chooser-extra");
let sections = [];
let done = () => {};

function show() {
  const typed = input.value.normalize("NFC").trim().toLocaleLowerCase().replace(/[\u3131-\u3163]+$/u, "");
  const fits = (row) => !typed || [row.label, row.hint ?? ""].some((words) => words.toLocaleLowerCase().includes(typed));
  const found = sections.map(([label, rows]) => [label, rows.filter(fits)]).filter(([, rows]) => rows.length);
  list.replaceChildren(...found.map(([label, rows]) => el("section", {}, label ? el("h3", {}, label) : null, el("ul", {}, rows.map((row) => el("li", {}, option(row)))))));
  if (!found.length) list.append(el("p", { class: "wf-muted" }, say("nothing_found")));
}

function option(row) {
  return el("button", { type: "button", class: "je-option", onclick: () => { dialog.close(); done(row.value); } }, icon(row.icon), el("span", {}, row.label, row.hint ? el("small", {}, row.hint) : null));
}

dialog.addEventListener("keydown", (event) => {
  if (composing(event)) return event.stopPropagation();
  event.stopPropagation();
  const all = [...list.querySelectorAll("button")];
  const place = all.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (document.activeElement.matches("select")) return;
    event.preventDefault();
    const next = all[place + (event.key === "ArrowDown" ? 1 : -1)];
    (next ?? (event.key === "ArrowUp" ? input : all.at(-1)))?.focus();
  } else if (event.key === "Enter" && document.activeElement === input) {
    event.preventDefault();
    all[0]?.click();
  }
});
input.addEventListener("input", show);

/* rows: [[heading, [{ value, label, hint, icon }]]]; `more` are elements above the list. The focus goes back by itself. */
export function choose(title, rows, chosen, more = []) {
  sections = rows;
  done = chosen;
  dialog.setAttribute("aria-label", title);
  input.placeholder = title;
  input.value = "";
  extra.replaceChildren(...more);
  show();
  open(dialog);
  list.scrollTop = 0;
  input.focus();
}
