/* What a condition is about: all fields and events in groups, found by typing, walked through by arrows. */

import { catalogue } from "./catalogue.js";
import { el, icon, say } from "./dom.js";
import { composing } from "../../js/composing.js";
import { open } from "../../js/dialogs.js";

const dialog = document.getElementById("segment-picker");
const input = dialog.querySelector("input");
const list = dialog.querySelector("[data-choices]");
let choose = () => {};

/* [group, [{ kind, key, label, hint, icon }]], fields first by the catalogue's groups, then behaviour and what is special. */
function sections() {
  const fields = catalogue.groups.map((group) => [group.label, catalogue.fields.filter((field) => field.group === group.key)
    .map((field) => ({ kind: "field", key: field.key, label: field.label, icon: group.icon }))]);
  const groups = new Map();
  for (const kind of catalogue.kinds) groups.set(kind.group, [...(groups.get(kind.group) ?? []), { kind: "did", key: kind.key, label: kind.label, icon: kind.icon }]);
  const special = [{ kind: "sequence", key: "sequence", label: say("sequence"), hint: say("sequence_hint"), icon: "arrows-right" },
    { kind: "people_of_account", key: "people_of_account", label: say("colleagues"), hint: say("colleagues_hint"), icon: "building" }];
  return [...fields, ...[...groups].map(([label, rows]) => [[say("behaviour"), label].filter(Boolean).join(": "), rows]), [say("special"), special]].filter(([, rows]) => rows.length);
}

const all = sections();

function show() {
  const typed = input.value.normalize("NFC").trim().toLocaleLowerCase();
  const fits = (row, label) => !typed || [row.label, row.hint ?? "", label, row.key].some((words) => words.toLocaleLowerCase().includes(typed));
  const found = all.map(([label, rows]) => [label, ranked(rows.filter((row) => fits(row, label)), typed)]).filter(([, rows]) => rows.length);
  if (typed) found.sort(([, one], [, other]) => rank(one[0], typed) - rank(other[0], typed));
  list.replaceChildren(...found.map(([label, rows]) => el("section", {}, el("h3", {}, label), el("ul", {}, rows.map((row) => el("li", {}, option(row)))))));
  if (!found.length) list.append(el("p", { class: "wf-muted" }, say("nothing_found")));
}

/* What begins with the words comes first, then what has a word that does. */
function rank(row, typed) {
  const label = row.label.toLocaleLowerCase();
  if (label.startsWith(typed)) return 0;
  return label.split(/\s/).some((word) => word.startsWith(typed)) ? 1 : 2;
}

const ranked = (rows, typed) => (typed ? rows.toSorted((one, other) => rank(one, typed) - rank(other, typed)) : rows);

function option(row) {
  return el("button", { type: "button", class: "seg-option", onclick: () => { dialog.close(); choose(row); } },
    icon(row.icon), el("span", {}, row.label, row.hint ? el("small", {}, row.hint) : null));
}

const options = () => [...list.querySelectorAll("button")];

dialog.addEventListener("keydown", (event) => {
  if (composing(event)) return event.stopPropagation();
  const all = options();
  const at = all.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = all[at + (event.key === "ArrowDown" ? 1 : -1)];
    (next ?? (event.key === "ArrowUp" ? input : all.at(-1)))?.focus();
  } else if (event.key === "Enter" && document.activeElement === input) {
    event.preventDefault();
    all[0]?.click();
  }
});
input.addEventListener("input", show);

/* Calls `chosen` with the row; the dialog gives the focus back by itself when it is closed without a choice. */
export function pick(chosen) {
  choose = chosen;
  input.value = "";
  show();
  open(dialog);
  list.scrollTop = 0;
  input.focus();
}
