/* The journey editor: puts its parts together, and says what each of the user's acts does. */

import { open } from "../../js/dialogs.js";
import { toast } from "../../js/toasts.js";
import { Canvas } from "./canvas.js";
import { choose } from "./chooser.js";
import { announce, ask, byId, el, say } from "./dom.js";
import * as graphs from "./graph.js";
import { keyboard } from "./keys.js";
import { listing } from "./list.js";
import { mapping } from "./map.js";
import { kindRows, shelving } from "./palette.js";
import { Panel } from "./panel.js";
import { pointing } from "./pointer.js";
import { publishing } from "./publish.js";
import { rehearsing } from "../rehearsal/rehearsal.js";
import { figuring } from "./figures.js";
import { Saving } from "./saving.js";
import { Store, triggerKinds } from "./store.js";

const NARROW = matchMedia("(max-width: 61.99rem)");
const store = new Store();
const canvas = new Canvas(store);
const panel = new Panel(store, canvas);
const saving = new Saving(store);
figuring(store, canvas);
rehearsing(store, canvas);
let clip = null;
let link = null; // the connection that is chosen

const chosen = () => (store.selected.size ? [...store.selected] : [store.focus].filter(Boolean));
const show = (key) => (list.on ? panel.open("step", key, { focus: true }) : canvas.put(key));

/* --- adding ---------------------------------------------------------------------------------------------------------- */
function added(step) {
  announce(say("added", { name: store.title(step.key) }));
  show(step.key);
  panel.open("step", step.key);
}

function insertKind(kind, from, outlet) {
  let step;
  store.change((graph) => { step = graphs.insertAt(graph, kind, from, outlet); return step.key; });
  added(step);
}

/* A new step where an outlet leads nowhere, on a place that was pointed at. */
function putKind(kind, place, from, outlet) {
  let step;
  store.change((graph) => {
    if (graphs.at(graph, place.lane, place.row, place.column)) graphs.pushDown(graph, place.row);
    step = graphs.addStep(graph, kind, place);
    if (outlet !== undefined) graphs.connect(graph, from, outlet, step.key);
    return step.key;
  });
  added(step);
}

function afterOutlet(key) { return key ? store.freeOutlet(key) : "start"; }

const acts = {
  open: (key, focus = false) => panel.open("step", key, { focus }),
  settings: (focus = false) => panel.open("rules", "", { focus }),
  note: (key) => panel.open("note", key, { focus: true }),
  close: () => { link = null; markLink(); panel.close(true); },

  add(kind) {
    const key = store.focus;
    const outlet = afterOutlet(key);
    if (outlet === undefined) return putKind(kind, { ...graphs.stepOf(store.graph, key), row: graphs.stepOf(store.graph, key).row + 1 });
    insertKind(kind, key, outlet);
  },

  addAfter(key) {
    const outlets = key ? store.outlets(key) : [];
    const free = afterOutlet(key);
    const way = el("select", { class: "form-select", "aria-label": say("by_which_outlet") }, outlets.map((outlet) => el("option", { value: outlet.key, selected: outlet.key === free }, outlet.label)));
    choose(say("add_step"), kindRows(), (kind) => (free === undefined ? acts.add(kind) : insertKind(kind, key, key ? way.value : "start")), outlets.length > 1 ? [way] : []);
  },

  insert: (from, outlet) => choose(say("add_step"), kindRows(), (kind) => insertKind(kind, from, outlet)),
  insertAt: (from, outlet, place) => choose(say("add_step"), kindRows(), (kind) => putKind(kind, place, from, outlet)),

  drop(kind, aim) {
    if (aim.link) insertKind(kind, aim.link.from, aim.link.outlet);
    else if (aim.after && store.freeOutlet(aim.after) !== undefined) insertKind(kind, aim.after, store.freeOutlet(aim.after));
    else putKind(kind, aim.place ?? { ...graphs.stepOf(store.graph, aim.after), row: graphs.stepOf(store.graph, aim.after).row + 1 });
  },

  addNote() {
    const here = graphs.stepOf(store.graph, store.focus) ?? { lane: store.lanes[0].key, row: 0, column: 0 };
    const key = graphs.freshKey(store.graph, "note");
    store.change((graph) => {
      const { columns } = canvas.geometry.lane(here.lane);
      graph.notes.push({ key, text: "", lane: here.lane, row: here.row, column: columns });
    });
    panel.open("note", key, { focus: true });
  },

  connectFrom(key, fixed) {
    const outlets = key ? store.outlets(key) : [];
    const way = el("select", { class: "form-select", "aria-label": say("by_which_outlet") }, outlets.map((outlet) => el("option", { value: outlet.key, selected: outlet.key === (fixed ?? store.freeOutlet(key)) }, outlet.label)));
    const steps = store.graph.steps.filter((step) => step.key !== key).map((step) => ({ value: step.key, label: store.title(step.key), hint: store.card(step).label, icon: store.card(step).icon }));
    const nowhere = [{ value: "", label: say("nowhere"), icon: "x" }];
    choose(say("connect_with"), [["", steps], ["", nowhere]], (to) => {
      store.change((graph) => { graphs.connect(graph, key, key ? way.value : "start", to); });
      announce(to ? say("connected", { to: store.title(to) }) : say("disconnected"));
    }, outlets.length > 1 ? [way] : []);
  },

  chooseLink({ from, outlet }) {
    store.chooseAll([]); // which forgets the connection that was chosen before
    link = { from, outlet };
    markLink();
    canvas.view.focus({ preventScroll: true });
    announce(say("link_chosen"));
  },

  removeChosen() {
    if (link) {
      const { from, outlet } = link;
      link = null;
      store.change((graph) => { graphs.connect(graph, from, outlet, ""); });
      return announce(say("disconnected"));
    }
    const keys = chosen();
    if (!keys.length) return;
    const next = graphs.linksFrom(store.graph, keys.at(-1))[0]?.to ?? graphs.linksInto(store.graph, keys[0])[0]?.from ?? "";
    store.change((graph) => { graphs.remove(graph, keys, (key) => store.outletKeys(key)); });
    announce(say("removed", { count: keys.length }));
    if (!list.on) canvas.put(graphs.stepOf(store.graph, next) ? next : store.graph.first);
  },

  copy(branch) {
    const keys = branch ? [...new Set(chosen().flatMap((key) => graphs.branch(store.graph, key)))] : chosen();
    if (!keys.length) return false;
    clip = structuredClone(graphs.copied(store.graph, keys));
    navigator.clipboard?.writeText(JSON.stringify(clip, null, 2)).catch(() => announce(say("clipboard_here_only")));
    announce(say("copied", { count: keys.length }));
    return keys;
  },

  cut(branch) {
    const keys = acts.copy(branch);
    if (!keys) return;
    store.change((graph) => { graphs.remove(graph, keys, (key) => store.outletKeys(key)); });
    canvas.put(store.focus);
  },

  async paste() {
    const found = (await read()) ?? clip;
    if (!graphs.isCopied(found)) return announce(say("nothing_to_paste"));
    const cards = new Map(found.steps.map((step) => [step.key, store.cards.get(step.key)]));
    const below = Math.max(-1, ...store.graph.steps.map((step) => step.row)) + 1;
    const here = graphs.stepOf(store.graph, store.focus);
    let keys = [];
    try {
      store.change((graph) => {
        keys = graphs.paste(graph, found, here ? here.row + 1 : below);
        keys.forEach((key, place) => { const card = cards.get(found.steps[place].key); if (card) store.cards.set(key, card); });
      });
    } catch {
      return announce(say("nothing_to_paste"));
    }
    store.chooseAll(keys);
    store.focus = keys[0];
    canvas.mark();
    canvas.element(keys[0]).focus({ preventScroll: true });
    canvas.reveal(canvas.element(keys[0]));
    announce(say("pasted", { count: keys.length }));
  },

  find() {
    const rows = store.graph.steps.map((step) => ({ value: step.key, label: store.title(step.key), hint: [store.card(step).label, step.comment].filter(Boolean).join(" · "), icon: store.card(step).icon }));
    choose(say("find_step"), [["", rows]], (key) => { show(key); if (!list.on) panel.open("step", key); });
  },

  undo() { announce(say(store.undo() ? "undone" : "nothing_undone")); },
  redo() { announce(say(store.redo() ? "redone" : "nothing_undone")); },
  save: () => saving.save(),
  keys: () => open(byId("je-keys")),

  async layout() {
    const { status, found } = await ask("layout", { graph: store.graph });
    if (status !== 200) return toast(found.problems?.[0]?.message ?? say("save_offline"), "error");
    store.change((graph) => { Object.assign(graph, { steps: found.graph.steps, notes: found.graph.notes }); });
    canvas.view.scrollTo(0, 0);
    announce(say("laid_out"));
  },
};

/* What another page or program put on the clipboard, where the browser lets it be read. */
async function read() {
  try {
    return JSON.parse(await navigator.clipboard.readText());
  } catch {
    return null;
  }
}

function markLink() {
  for (const group of canvas.links.querySelectorAll("g")) group.classList.toggle("is-chosen", link !== null && group.dataset.from === link.from && group.dataset.outlet === link.outlet);
}

/* --- triggers --------------------------------------------------------------------------------------------------------- */
panel.addTrigger = () => {
  const rows = [...triggerKinds.values()].map((kind) => ({ value: kind, label: kind.label, icon: kind.icon }));
  choose(say("add_trigger"), [["", rows]], (kind) => {
    const key = graphs.freshKey(store.graph, kind.key);
    store.change((graph) => { graph.triggers.push({ key, kind: kind.key, settings: structuredClone(kind.settings) }); });
    panel.open("trigger", key, { focus: true });
  });
};

/* --- problems ---------------------------------------------------------------------------------------------------------- */
function drawProblems() {
  const errors = store.problems.filter((problem) => problem.severity === "error").length;
  const button = byId("je-problems-button");
  button.dataset.worst = errors ? "error" : store.problems.length ? "warning" : "";
  byId("je-problems-count").textContent = store.problems.length ? String(store.problems.length) : "";
  const rows = store.problems.map((problem) => el("li", { class: `is-${problem.severity}` }, el("button", { type: "button", onclick: () => lead(problem) }, el("strong", {}, store.title(problem.at) || say("whole_journey")), el("span", {}, problem.message))));
  byId("je-problems-list").replaceChildren(...(rows.length ? rows : [el("li", { class: "is-good" }, say("no_problems"))]));
}

function lead(problem) {
  byId("je-problems").hidePopover();
  if (graphs.stepOf(store.graph, problem.at)) { show(problem.at); return panel.open("step", problem.at, { focus: true }); }
  if (store.graph.triggers.some((trigger) => trigger.key === problem.at)) return panel.open("trigger", problem.at, { focus: true });
  return panel.open("rules", "", { focus: true });
}

/* --- the parts ----------------------------------------------------------------------------------------------------------- */
shelving(acts);
pointing(store, canvas, acts);
keyboard(store, canvas, acts);
const list = listing(store, acts);
mapping(store, canvas);
publishing(panel, saving);

const buttons = { undo: acts.undo, redo: acts.redo, layout: acts.layout, find: acts.find, settings: () => acts.settings(true), keys: acts.keys, note: acts.addNote, paste: acts.paste, in: () => canvas.zoomBy(1), out: () => canvas.zoomBy(-1), fit: () => canvas.fit(), list: () => toggleList(!list.on), theirs: () => saving.takeTheirs(), copy: () => saving.keepCopy() };
document.addEventListener("click", (event) => {
  const name = event.target.closest("[data-do]")?.dataset.do;
  if (name) buttons[name]?.();
});

function toggleList(on) {
  list.show(on);
  byId("je-list-button").setAttribute("aria-pressed", String(on));
  if (!on) canvas.draw();
}

function settled() {
  byId("je-undo").disabled = !store.history.past.length;
  byId("je-redo").disabled = !store.history.future.length;
}

store.addEventListener("changed", settled);
store.addEventListener("told", drawProblems);
store.addEventListener("chosen", () => { link = null; markLink(); });
settled();
drawProblems();
toggleList(NARROW.matches);
NARROW.addEventListener("change", () => toggleList(NARROW.matches));
if (!list.on && canvas.geometry.width > canvas.view.clientWidth) canvas.setZoom(Math.max(0.67, canvas.view.clientWidth / canvas.geometry.width));
canvas.view.scrollTo(0, 0);
