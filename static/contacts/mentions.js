/* <textarea data-mentions="URL">: after an @ the names of colleagues are offered, and put in by click, Enter or Tab. The names are
   asked for once, at the first @. Keys of an input method are left alone. */

import { composing } from "../js/composing.js";
import { el } from "../js/elements.js";

const MOST = 6;
let names = null;

async function known(url) {
  names ??= fetch(url, { headers: { Accept: "application/json" } }).then((answer) => answer.json()).then((data) => data.names);
  return names;
}

class Mentions {
  constructor(field) {
    this.field = field;
    this.at = 0;
    this.list = el("ul", { class: "note-offers", role: "listbox", hidden: true });
    field.after(this.list);
    field.addEventListener("input", () => this.look());
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => this.close());
  }

  /* What stands between the last @ and the caret; null when no name is being written. */
  begun() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    const place = before.lastIndexOf("@");
    const text = before.slice(place + 1);
    return place < 0 || text.length > 40 || text.includes("\n") ? null : { place, text };
  }

  async look() {
    const begun = this.begun();
    if (!begun) return this.close();
    const wanted = begun.text.normalize("NFC").toLowerCase();
    const found = (await known(this.field.dataset.mentions)).filter((name) => name.toLowerCase().startsWith(wanted));
    const now = this.begun();
    if (!now || now.text !== begun.text) return;
    if (!found.length) return this.close();
    this.show(found.slice(0, MOST));
  }

  show(found) {
    this.at = 0;
    this.list.replaceChildren(...found.map((name) => el("li", { role: "option", onmousedown: (event) => { event.preventDefault(); this.take(name); } }, name)));
    this.list.hidden = false;
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === this.at)));
  }

  key(event) {
    if (this.list.hidden || composing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.at = (this.at + step + this.list.children.length) % this.list.children.length;
      this.mark();
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      this.take(this.list.children[this.at].textContent);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
  }

  take(name) {
    const { place } = this.begun();
    this.field.setRangeText(`@${name} `, place, this.field.selectionStart, "end");
    this.close();
  }

  close() { this.list.hidden = true; }
}

document.querySelectorAll("textarea[data-mentions]").forEach((field) => new Mentions(field));
