/* Several values as chips with a field that suggests real ones and says how many people have them.
   about: label, focus, query (what suggest.py is asked), choices (fixed [value, label] pairs), free (own words are fine). */

import { stopped, suggest } from "./asking.js";
import { el, icon, say } from "./dom.js";
import { composing } from "../../js/composing.js";

const WAIT_MS = 150;
let serial = 0;
const known = new Map(); // words of values, by question and value

class Chips {
  constructor(values, put, about) {
    this.values = Array.isArray(values) ? [...values] : values ? [values] : [];
    Object.assign(this, { put, about, at: -1, timer: 0, listId: `suggestions-${++serial}` });
    this.input = el("input", { type: "text", role: "combobox", "aria-expanded": "false", "aria-controls": this.listId, "aria-autocomplete": "list", "aria-label": about.label,
      autocomplete: "off", maxlength: 200, focus: about.focus, oninput: () => this.soon(), onkeydown: (event) => this.key(event), onclick: () => this.soon(0), onblur: () => this.leave() });
    this.list = el("ul", { class: "seg-suggestions", id: this.listId, role: "listbox", "aria-label": about.label, hidden: true });
    this.row = el("span", { class: "seg-chips-row" });
    this.box = el("span", { class: "seg-chips", onclick: (event) => { if (event.target !== this.row) return; this.input.focus(); this.soon(0); } }, this.row, this.list);
    this.draw();
    this.learn();
  }

  get name() { return JSON.stringify(this.about.query ?? this.about.label); }
  word(value) {
    const fixed = this.about.choices?.find(([key]) => String(key) === String(value));
    return fixed?.[1] ?? known.get(`${this.name} ${value}`) ?? String(value);
  }

  /* Values may be stored as numbers of rows: ask once for their names. */
  async learn() {
    const unknown = this.values.filter((value) => !known.has(`${this.name} ${value}`));
    if (this.about.choices || this.about.free || !unknown.length || !this.about.query) return;
    try {
      const { values } = await suggest(`words ${this.listId}`, { ...this.about.query, keys: unknown });
      this.remember(values);
      this.draw();
    } catch (error) { if (!stopped(error)) this.box.dataset.offline = ""; }
  }

  remember(found) { for (const { value, label } of found) known.set(`${this.name} ${value}`, label); }

  draw() {
    const chip = (value, place) => el("span", { class: "seg-chip" }, el("span", {}, this.word(value)),
      el("button", { type: "button", onclick: () => this.take(place), "aria-label": say("remove_value", { value: this.word(value) }) }, icon("x")));
    const between = this.values.length > 1 ? this.about.joined ?? "" : "";
    const drawn = this.values.flatMap((value, place) => [place && between ? el("span", { class: "seg-word" }, between) : "", chip(value, place)]);
    const had = document.activeElement === this.input;
    this.row.replaceChildren(...drawn.filter((part) => part !== ""), this.input);
    this.input.placeholder = this.values.length ? "" : this.about.placeholder ?? say(this.about.free ? "type_or_choose" : "choose");
    if (had) this.input.focus();
  }

  add(value) {
    if (!this.values.some((one) => String(one) === String(value))) this.values.push(value);
    this.input.value = "";
    this.close();
    this.done();
  }

  take(place) {
    this.values.splice(place, 1);
    this.done();
    this.input.focus();
  }

  done() {
    this.draw();
    this.put([...this.values]);
  }

  soon(wait = WAIT_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.find(), wait);
  }

  async find() {
    const typed = this.input.value.normalize("NFC").trim();
    try {
      if (this.about.choices) return this.show(this.fixed(typed));
      if (!this.about.query) return this.show([]);
      const { values } = await suggest(this.listId, { ...this.about.query, q: typed });
      this.remember(values);
      this.show(values);
    } catch (error) { if (!stopped(error)) this.close(); }
  }

  fixed(typed) {
    const wanted = typed.toLocaleLowerCase();
    return this.about.choices.map(([value, label]) => ({ value, label })).filter(({ label }) => label.toLocaleLowerCase().includes(wanted));
  }

  show(found) {
    if (document.activeElement !== this.input) return;
    const open = found.filter(({ value }) => !this.values.some((one) => String(one) === String(value)));
    this.at = -1;
    this.list.replaceChildren(...open.map((one, place) => el("li", { role: "option", id: `${this.listId}-${place}`, "aria-selected": "false",
      onpointerdown: (event) => { event.preventDefault(); this.add(one.value); } }, el("span", {}, one.label), Number.isFinite(one.count) ? el("span", { class: "seg-count" }, one.count.toLocaleString(document.documentElement.lang)) : null)));
    this.found = open;
    this.list.hidden = !open.length;
    this.input.setAttribute("aria-expanded", String(open.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }

  /* What was typed and left is kept where own words are fine; else it is taken away, and never half counted. */
  leave() {
    clearTimeout(this.timer);
    this.close();
    if (this.about.free && this.input.value.trim()) this.own();
    this.input.value = "";
  }

  own() {
    const typed = this.input.value.normalize("NFC").trim();
    if (!this.values.includes(typed)) this.values.push(typed);
    this.input.value = "";
    this.done();
  }

  point(step) {
    if (this.list.hidden || !this.found.length) return;
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = (this.at + step + this.found.length + (this.at < 0 && step < 0 ? 1 : 0)) % this.found.length;
    const chosen = this.list.children[this.at];
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", chosen.id);
  }

  key(event) {
    if (composing(event)) return event.stopPropagation();
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); this.list.hidden ? this.soon(0) : this.point(event.key === "ArrowDown" ? 1 : -1); }
    if (event.key === "Escape" && !this.list.hidden) { event.stopPropagation(); this.close(); }
    if (event.key === "Backspace" && !this.input.value && this.values.length) this.take(this.values.length - 1);
    if (event.key === "Enter" || (event.key === "," && this.about.free)) this.enter(event);
  }

  enter(event) {
    event.preventDefault();
    const typed = this.input.value.normalize("NFC").trim();
    if (this.at >= 0) return this.add(this.found[this.at].value);
    if (!typed) return;
    const same = this.found?.find(({ label, value }) => [label, String(value)].some((word) => word.toLocaleLowerCase() === typed.toLocaleLowerCase()));
    if (same) this.add(same.value);
    else if (this.about.free) this.add(typed);
    else if (this.found?.length === 1) this.add(this.found[0].value);
  }
}

export function chips(values, put, about) {
  return new Chips(values, put, about).box;
}
