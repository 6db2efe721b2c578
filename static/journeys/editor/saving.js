/* The draft is saved by itself. Nothing is lost without a connection, and nobody else's work is written over. */

import { ask, byId, say } from "./dom.js";
import { data } from "./store.js";

const WAIT_MS = 600;
const AGAIN_MS = 5_000;
const LOOK_MS = 20_000;

export class Saving {
  constructor(store) {
    this.store = store;
    this.version = data.version;
    this.saved = JSON.stringify(store.graph);
    this.busy = false;
    this.stale = false;
    this.timer = 0;
    this.shown = byId("je-saved");
    store.addEventListener("changed", () => this.later());
    window.addEventListener("online", () => this.save());
    window.addEventListener("beforeunload", (event) => { if (this.unsaved) event.preventDefault(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.look(); });
    setInterval(() => { if (!document.hidden) this.look(); }, LOOK_MS);
    this.show("saved");
  }

  get unsaved() { return JSON.stringify(this.store.graph) !== this.saved; }

  later(wait = WAIT_MS) {
    clearTimeout(this.timer);
    if (this.stale) return;
    this.show("saving");
    this.timer = setTimeout(() => this.save(), wait);
  }

  /* Resolves when everything drawn is saved, or could not be. Returns whether it is. */
  async save() {
    clearTimeout(this.timer);
    if (this.busy) { this.again = true; return this.busy; }
    if (this.stale) return false;
    this.busy = this.send();
    const ok = await this.busy;
    this.busy = false;
    if (this.again) { this.again = false; if (this.unsaved) return this.save(); }
    return ok;
  }

  async send() {
    const sent = JSON.stringify(this.store.graph);
    const { status, found } = await ask("draft", { version: this.version, graph: JSON.parse(sent) });
    if (status === 200) {
      this.version = found.version;
      this.saved = sent;
      this.store.told(found);
      this.show(this.unsaved ? "saving" : "saved");
      if (this.unsaved && !this.again) this.later();
      return true;
    }
    if (status === 409) this.meet(found.stale);
    else if (status === 400) this.show("refused", found.problems.map((problem) => problem.message).join(" "));
    else if (status === 401) { this.show("login"); this.timer = setTimeout(() => this.save(), AGAIN_MS); }
    else { this.show("offline"); this.timer = setTimeout(() => this.save(), AGAIN_MS); }
    return false;
  }

  /* Is somebody else drawing here too? Told before anything of hers could be written over. */
  async look() {
    if (this.busy || this.stale) return;
    const { status, found } = await ask("pulse");
    if (status === 200 && found.version > this.version && !this.busy) this.meet(found.stale);
  }

  meet(words) {
    this.stale = true;
    byId("je-stale-words").textContent = words;
    byId("je-stale").hidden = false;
    this.show("stale");
  }

  async takeTheirs() {
    const { status, found } = await ask("theirs");
    if (status !== 200) return this.show("offline");
    this.stale = false;
    this.version = found.version;
    this.saved = JSON.stringify(found.graph);
    byId("je-stale").hidden = true;
    this.store.take(found);
  }

  async keepCopy() {
    const { status, found } = await ask("copy", { graph: this.store.graph });
    if (status !== 200) return this.show(status ? "refused" : "offline", found.problems?.[0]?.message);
    this.saved = JSON.stringify(this.store.graph);
    window.location.assign(found.url);
  }

  show(state, words = "") {
    this.shown.dataset.state = state;
    this.shown.textContent = words ? `${say(`save_${state}`)} ${words}` : say(`save_${state}`);
  }
}
