/* The side panel: a step's form drawn by the server, read by the server while it is filled in. */

import { composing } from "../../js/composing.js";
import { ask, byId, el, icon, say } from "./dom.js";
import { stepOf } from "./graph.js";
import { dressRules, sayRules } from "./rules.js";
import { stepKinds, triggerKinds } from "./store.js";

const WAIT_MS = 350;

export class Panel {
  constructor(store, canvas) {
    this.store = store;
    this.canvas = canvas;
    this.box = byId("je-panel");
    this.body = byId("je-panel-body");
    this.head = byId("je-panel-title");
    this.shown = null;
    this.asked = 0;
    this.old = new Set([...store.graph.steps, ...store.graph.triggers].map((one) => one.key)); // not put here just now
    this.touched = new Set(); // inputs of what is shown; of a new step only these can be wrong so far
    this.turns = new Map(); // by key: how often its form was read; an older answer comes too late
    byId("je-panel-close").addEventListener("click", () => this.close(true));
    this.body.addEventListener("input", (event) => this.typed(event));
    this.body.addEventListener("change", (event) => this.typed(event));
    this.body.addEventListener("submit", (event) => event.preventDefault());
    this.body.addEventListener("click", (event) => this.pressed(event));
    store.addEventListener("told", () => { this.showProblems(); this.showMail(); });
    store.addEventListener("changed", () => this.follow());
  }

  get isOpen() { return !this.box.hidden; }

  close(back = false) {
    if (!this.isOpen) return;
    this.flush();
    this.box.hidden = true;
    this.left();
    this.shown = null;
    this.asked += 1;
    if (back) this.canvas.put(this.store.focus);
  }

  /* what: "step", "trigger", "rules" or "note". The form of the first three comes from the server. */
  async open(what, key = "", { focus = false } = {}) {
    if (this.shown?.what === what && this.shown.key === key && this.isOpen) return focus && this.first();
    this.flush();
    const mine = ++this.asked;
    this.left();
    this.shown = { what, key };
    this.box.hidden = false;
    this.box.dataset.what = what;
    this.draw();
    if (what !== "note") {
      const { status, found } = await ask("panel", { what, ...this.source(), ...this.fresh() });
      if (mine !== this.asked) return;
      this.known = JSON.stringify(this.source().settings);
      if (status === 200) { this.fill(found.html); sayRules(this.form, found.sentences); }
      else this.form.replaceChildren(el("p", { class: "wf-muted" }, status ? (found.problems?.[0]?.message ?? "") : say("save_offline")));
    }
    if (focus) this.first();
  }

  fresh() { return this.old.has(this.shown.key) || this.shown.what === "rules" ? {} : { fresh: true, touched: [...this.touched] }; }

  /* Whoever leaves a new step unfinished is told everything when she comes back to it. */
  left() {
    if (this.shown) this.old.add(this.shown.key);
    this.touched.clear();
  }

  first() { this.body.querySelector("input:not([type=hidden]), select, textarea, button")?.focus(); }

  /* Undo, or somebody else's drawing: what is shown may be gone, or say something else. */
  follow() {
    if (!this.shown || this.shown.what === "note") return;
    if (!this.one(this.shown)) return this.close();
    if (this.known === undefined || JSON.stringify(this.source().settings) === this.known) return;
    const { what, key } = this.shown;
    this.shown = null;
    this.open(what, key);
  }

  /* The step or trigger that is shown, as it stands in the drawing; the journey's rules are always there. */
  one({ what, key }) {
    const { graph } = this.store;
    if (what === "rules") return { kind: "", settings: graph.rules };
    return what === "step" ? stepOf(graph, key) : graph.triggers.find((trigger) => trigger.key === key);
  }

  source() {
    const { kind, settings } = this.one(this.shown);
    return { kind, settings };
  }

  draw() {
    const { what, key } = this.shown;
    this.form = el("div", { class: "je-fields" }, what === "note" ? null : el("p", { class: "wf-muted" }, say("loading")));
    this.problems = el("ul", { class: "je-problems" });
    const parts = { step: () => this.drawStep(key), trigger: () => this.drawTrigger(key), rules: () => this.drawRules(), note: () => this.drawNote(key) };
    this.body.replaceChildren(...parts[what]().filter(Boolean));
    this.showProblems();
  }

  drawStep(key) {
    const step = stepOf(this.store.graph, key);
    const kind = stepKinds.get(step.kind);
    this.head.replaceChildren(icon(kind?.icon ?? "help"), el("span", {}, kind?.label ?? step.kind));
    const name = el("input", { class: "form-control", id: "je-name", maxlength: "120", value: step.name ?? "", placeholder: this.store.card(step).said, "data-own": "name" });
    const comment = el("textarea", { class: "form-control", id: "je-comment", rows: "2", maxlength: "1000", "data-own": "comment" }, step.comment ?? "");
    this.mail = el("div", { class: "je-mail" });
    this.showMail();
    return [this.problems, this.mail, this.form,
      el("details", { open: Boolean(step.name || step.comment) }, el("summary", {}, say("name_and_comment")),
        el("div", { class: "wf-field" }, el("label", { for: "je-name" }, say("own_name")), name),
        el("div", { class: "wf-field" }, el("label", { for: "je-comment" }, say("comment")), comment))];
  }

  /* The mail that is sent, opened for changes in a page of its own; the canvas stays as it is. */
  showMail() {
    const step = this.shown?.what === "step" && stepOf(this.store.graph, this.shown.key);
    const mail = step && this.store.card(step).mail;
    if (!this.mail || this.mail.dataset.src === (mail?.small ?? "")) return;
    this.mail.dataset.src = mail?.small ?? "";
    this.mail.replaceChildren(...(mail ? [
      el("span", { class: "mail-thumb is-large", "aria-hidden": "true" }, el("iframe", { src: mail.small, sandbox: true, tabindex: "-1", title: say("preview") })),
      el("a", { class: "btn", href: mail.edit, target: "_blank", rel: "noopener" }, icon("pencil"), say("edit_mail"))] : []));
  }

  drawTrigger(key) {
    const trigger = this.store.graph.triggers.find((one) => one.key === key);
    const kind = triggerKinds.get(trigger.kind);
    this.head.replaceChildren(icon(kind?.icon ?? "help"), el("span", {}, kind?.label ?? trigger.kind));
    const drop = () => {
      this.store.change((graph) => { graph.triggers = graph.triggers.filter((one) => one.key !== key); });
      this.open("rules", "", { focus: true });
    };
    return [el("button", { type: "button", class: "btn btn-quiet", onclick: () => this.open("rules", "", { focus: true }) }, icon("arrow-left"), say("back_to_settings")), this.problems, this.form,
      el("button", { type: "button", class: "btn", onclick: drop }, icon("trash"), say("remove_trigger"))];
  }

  drawRules() {
    this.head.replaceChildren(icon("settings"), el("span", {}, say("settings")));
    const { graph, starts } = this.store;
    const rows = graph.triggers.map((trigger) => {
      const wrong = this.store.problemsAt(trigger.key);
      const shown = starts.get(trigger.key) ?? { said: triggerKinds.get(trigger.kind)?.label ?? trigger.kind, icon: "help" };
      return el("li", {}, el("button", { type: "button", class: `je-option${wrong.length ? " has-error" : ""}`, "data-trigger": trigger.key, onclick: () => this.open("trigger", trigger.key, { focus: true }) }, icon(shown.icon), el("span", {}, shown.said, wrong.length ? el("small", {}, wrong[0].message) : null)));
    });
    return [this.problems, el("h3", {}, say("starts_when")), rows.length ? el("ul", { class: "je-starts" }, rows) : el("p", { class: "wf-muted" }, say("no_trigger")),
      el("button", { type: "button", class: "btn", "data-add-trigger": true, onclick: () => this.addTrigger() }, icon("plus"), say("add_trigger")),
      el("h3", {}, say("who_and_how_long")), this.form];
  }

  drawNote(key) {
    const note = this.store.graph.notes.find((one) => one.key === key);
    this.head.replaceChildren(icon("note"), el("span", {}, say("note")));
    const drop = () => { this.store.change((graph) => { graph.notes = graph.notes.filter((one) => one.key !== key); }); this.close(true); };
    return [el("label", { class: "wf-sr", for: "je-note-text" }, say("note")), el("textarea", { class: "form-control", id: "je-note-text", rows: "6", maxlength: "1000", "data-own": "text" }, note.text),
      el("button", { type: "button", class: "btn", onclick: drop }, icon("trash"), say("delete"))];
  }

  fill(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    this.form.replaceChildren(...document.importNode(fresh, true).childNodes);
    this.dress();
  }

  dress() {
    dressRules(this.form);
    for (const input of this.form.querySelectorAll("input[data-steps]")) this.dressSteps(input);
    this.showNeeded();
  }

  /* Fields that have a meaning only with one choice of another are shown with that choice. */
  showNeeded() {
    for (const setting of this.form.querySelectorAll("[data-when]")) {
      const control = this.form.querySelector(`[name="${CSS.escape(setting.dataset.when)}"]:is(select, :checked, [type=hidden])`);
      const value = control?.type === "checkbox" ? String(control.checked) : control?.value ?? "";
      setting.hidden = !setting.dataset.values.split(" ").includes(value);
    }
  }

  /* A field that names another step becomes a choice among them. */
  dressSteps(input) {
    const wanted = input.dataset.steps;
    const steps = this.store.graph.steps.filter((step) => step.key !== this.shown.key && (!wanted || step.kind === wanted));
    const options = [["", input.dataset.none ?? say("choose_step")], ...steps.map((step) => [step.key, this.store.title(step.key)])];
    if (input.value && !steps.some((step) => step.key === input.value)) options.push([input.value, say("step_gone")]);
    const made = el("select", { class: "form-select", name: input.name, id: input.id }, options.map(([value, label]) => el("option", { value, selected: value === input.value }, label)));
    input.replaceWith(made);
  }

  /* --- typing ----------------------------------------------------------------------------------------------------------- */
  typed(event) {
    if (!this.shown) return; // a field that is hidden while it has the focus says once more that it changed
    const own = event.target.dataset.own;
    if (own) return event.type === "input" && this.keep(own, event.target.value);
    if (!event.target.name || composing(event)) return;
    this.touched.add(event.target.name);
    this.showNeeded();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.reading = this.read(); }, event.type === "change" ? 0 : WAIT_MS);
    this.waits = true;
  }

  /* What was typed last is read now, before the panel shows something else. Resolves when the drawing has it. */
  flush() {
    clearTimeout(this.timer);
    if (this.waits && this.shown) this.reading = this.read();
    return this.reading;
  }

  keep(field, value) {
    const { key } = this.shown;
    this.store.change((graph) => {
      const one = stepOf(graph, key) ?? graph.notes.find((note) => note.key === key);
      if (value || field === "text") one[field] = value;
      else delete one[field];
    }, { typing: `${key}-${field}` });
  }

  /* A button with a name belongs to the form: one row more, one row less. */
  async pressed(event) {
    const button = event.target.closest("button[name]");
    if (!button || !this.form.contains(button)) return;
    event.preventDefault();
    clearTimeout(this.timer);
    this.touched.add(button.name);
    this.reading = this.read([[button.name, button.value]]);
    await this.reading;
    const rows = this.form.querySelectorAll(`[data-rows="${CSS.escape(button.name.replace(/-(add|drop)$/, ""))}"] .jr-row`);
    [...rows].at(-1)?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }

  async read(pressed = []) {
    this.waits = false;
    const mine = ++this.asked;
    const { what, key } = this.shown;
    const turn = (this.turns.get(key) ?? 0) + 1;
    this.turns.set(key, turn);
    const typed = new URLSearchParams([...[...this.form.querySelectorAll("input, select, textarea")].flatMap(values), ...pressed]).toString();
    const { status, found } = await ask("panel", { what, kind: this.source().kind, typed, ...this.fresh() });
    if (status !== 200 || this.turns.get(key) !== turn || !this.one({ what, key })) return;
    if (mine === this.asked) {
      if (pressed.length) this.fill(found.html);
      else this.showErrors(found.html);
      sayRules(this.form, found.sentences);
      if (what !== "rules" || found.ok) this.known = JSON.stringify(found.settings);
    }
    if (what === "rules" && !found.ok) return;
    this.store.change((graph) => {
      if (what === "rules") graph.rules = found.settings;
      else if (what === "step") { stepOf(graph, key).settings = found.settings; this.store.cards.set(key, found.card); }
      else { graph.triggers.find((one) => one.key === key).settings = found.settings; this.store.starts.set(key, found.card); }
    }, { typing: `${what}-${key}` });
  }

  /* What is wrong is shown at its field; the fields themselves stay, so that nobody's typing is disturbed. */
  showErrors(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    const names = (root) => [...root.querySelectorAll("[data-field]")].map((one) => one.dataset.field).join();
    if (names(fresh) !== names(this.form)) return this.refill(html);
    for (const setting of this.form.querySelectorAll("[data-field]")) {
      const other = fresh.querySelector(`[data-field="${CSS.escape(setting.dataset.field)}"]`);
      setting.querySelector("[id$=_error]")?.remove();
      const found = other.querySelector("[id$=_error]");
      if (found) setting.querySelector(".wf-field").append(document.importNode(found, true));
      setting.querySelector(".wf-field")?.classList.toggle("has-error", other.querySelector(".has-error") !== null);
    }
    this.form.querySelector("[data-form-errors]")?.replaceChildren(...document.importNode(fresh.querySelector("[data-form-errors]"), true).childNodes);
  }

  refill(html) {
    const { id } = document.activeElement;
    this.fill(html);
    if (id) byId(id)?.focus();
  }

  /* Only what no field says: unreachable, a template that was never published. */
  showProblems() {
    if (!this.shown || !this.problems) return;
    const at = this.shown.what === "rules" ? "rules" : this.shown.key;
    const found = this.store.problemsAt(at).filter((problem) => problem.code !== "settings");
    this.problems.replaceChildren(...found.map((problem) => el("li", { class: `is-${problem.severity}` }, icon("alert-circle"), el("span", {}, problem.message))));
  }
}

function values(input) {
  if (!input.name || input.disabled) return [];
  if (input.matches("[type=checkbox], [type=radio]") && !input.checked) return [];
  if (input.matches("select[multiple]")) return [...input.selectedOptions].map((option) => [input.name, option.value]);
  return [[input.name, input.value]];
}
