/* The palette: every kind of step by shelf, found by typing; pressed, it is added after the card in focus. */

import { byId, el, icon, say } from "./dom.js";
import { shelves, stepKinds } from "./store.js";

const input = byId("je-palette-search");
const list = byId("je-palette-list");

export function shelving(acts) {
  function draw() {
    const typed = input.value.normalize("NFC").trim().toLocaleLowerCase().replace(/[\u3131-\u3163]+$/u, "");
    const fits = (kind) => !typed || kind.label.toLocaleLowerCase().includes(typed);
    const found = shelves.map((shelf) => [shelf, shelf.kinds.filter(fits)]).filter(([, kinds]) => kinds.length);
    list.replaceChildren(...found.map(([shelf, kinds]) => el("section", {}, el("h3", {}, shelf.label), el("ul", {}, kinds.map((kind) => el("li", {}, item(kind, shelf)))))));
    if (!found.length) list.append(el("p", { class: "wf-muted" }, say("nothing_found")));
  }

  const item = (kind, shelf) => el("button", { type: "button", class: `je-kind is-${shelf.key}`, "data-kind": kind.key, onclick: () => acts.add(stepKinds.get(kind.key)) }, icon(kind.icon), el("span", {}, kind.label));

  input.addEventListener("input", draw);
  draw();
}

/* The same for the dialog. */
export const kindRows = () => shelves.map((shelf) => [shelf.label, shelf.kinds.map((kind) => ({ value: stepKinds.get(kind.key), label: kind.label, icon: kind.icon }))]);
