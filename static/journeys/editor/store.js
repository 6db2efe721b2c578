/* What the editor knows: the drawing, what the server says of it, what is chosen. Every change goes through `change`. */

import { History } from "../../contacts/segments/history.js";
import { linkOf, stepOf } from "./graph.js";

export const data = JSON.parse(document.getElementById("journey-canvas").textContent);
const palette = JSON.parse(document.getElementById("journey-palette").textContent);
export const shelves = palette.shelves;
export const triggerKinds = new Map(palette.triggers.map((kind) => [kind.key, kind]));
export const stepKinds = new Map(shelves.flatMap((shelf) => shelf.kinds.map((kind) => [kind.key, { ...kind, shelf: shelf.key }])));

export class Store extends EventTarget {
  constructor() {
    super();
    this.lanes = data.lanes;
    this.graph = data.graph;
    this.cards = new Map(Object.entries(data.cards));
    this.starts = new Map(Object.entries(data.triggers));
    this.problems = data.problems;
    this.selected = new Set();
    this.focus = data.graph.first || data.graph.steps[0]?.key || "";
    this.history = new History(this.graph);
  }

  /* `alter(graph)` may return the key to put the focus on. `typing` names a control: its changes are one step of undo. */
  change(alter, { typing = "" } = {}) {
    const focus = alter(this.graph);
    this.history.keep(this.graph, typing);
    if (typeof focus === "string") this.choose(focus);
    this.settle();
    this.tell("changed");
    return focus;
  }

  undo() { return this.replace(this.history.undo()); }
  redo() { return this.replace(this.history.redo()); }

  replace(graph) {
    if (!graph) return false;
    this.graph = graph;
    this.settle();
    this.tell("changed");
    return true;
  }

  /* What the server found; the drawing itself stays as it is here. */
  told({ cards, triggers, problems }) {
    for (const [key, card] of Object.entries(cards)) this.cards.set(key, card);
    for (const [key, start] of Object.entries(triggers)) this.starts.set(key, start);
    this.problems = problems;
    this.tell("told");
  }

  /* Another drawing in place of this one, which undo brings back. */
  take({ graph, ...found }) {
    this.graph = graph;
    this.history.keep(graph);
    this.settle();
    this.told(found);
  }

  choose(key, { more = false } = {}) {
    if (!more) this.selected.clear();
    if (stepOf(this.graph, key)) this.selected.add(key);
    this.focus = key;
    this.tell("chosen");
  }

  chooseAll(keys) {
    this.selected = new Set(keys);
    this.focus = [...this.selected].at(-1) ?? this.focus;
    this.tell("chosen");
  }

  settle() {
    for (const key of this.selected) if (!stepOf(this.graph, key)) this.selected.delete(key);
    if (this.focus && !stepOf(this.graph, this.focus)) this.focus = this.graph.first;
  }

  tell(what) { this.dispatchEvent(new Event(what)); }

  card(step) {
    const kind = stepKinds.get(step.kind);
    const blank = { label: kind?.label ?? step.kind, icon: kind?.icon ?? "help", shelf: kind?.shelf ?? "other", said: kind?.said ?? "", outlets: kind?.outlets ?? [], mail: null };
    return this.cards.get(step.key) ?? blank;
  }

  title(key) {
    const step = stepOf(this.graph, key);
    if (!step) return "";
    const card = this.card(step);
    return step.name || card.mail?.subject || card.said || card.label;
  }

  outlets(key) {
    const step = stepOf(this.graph, key);
    if (!step) return [];
    const known = this.card(step).outlets;
    const used = this.graph.links.filter((link) => link.from === key && !known.some((outlet) => outlet.key === link.outlet));
    return [...known, ...used.map((link) => ({ key: link.outlet, label: link.outlet, gone: true }))];
  }

  outletKeys(key) { return this.outlets(key).map((outlet) => outlet.key); }

  /* The outlet that leads nowhere yet, else the first. */
  freeOutlet(key) {
    const all = this.outletKeys(key);
    return all.find((outlet) => !linkOf(this.graph, key, outlet)) ?? all[0];
  }

  problemsAt(key) { return this.problems.filter((problem) => problem.at === key); }
}
