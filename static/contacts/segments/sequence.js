/* A sequence: did one thing, then another within a time, then not a third. */

import { button, el, say, select } from "./dom.js";
import { catalogue, kindOf } from "./catalogue.js";
import { chooseKind, drawFilters, drawMore, drawSubjects } from "./did.js";
import { FIXED_UNITS, span } from "./inputs.js";
import { drawWindow } from "./windows.js";

const MOST = 6;

const begun = (key) => (kindOf(key) ?? catalogue.kinds[0]).key;

export const blank = () => ({ sequence: [{ did: begun("page.viewed"), window: { last: { n: 30, unit: "days" } } }, { did: begun("order.placed"), within: { n: 7, unit: "days" } }] });

export function draw(node, tools) {
  const steps = node.data.sequence;
  const list = el("ol", { class: "seg-steps" }, steps.map((step, place) => el("li", { class: "seg-step" }, one(node, step, place, tools))));
  const add = () => steps.push({ did: begun("order.placed"), within: { n: 7, unit: "days" } });
  const more = button(say("add_step"), "plus", { class: "btn btn-quiet seg-add-small", focus: `${node.id}-add`, onclick: () => tools.change(node, add, `${node.id}-${steps.length}-what`) });
  return [el("span", { class: "seg-what seg-title" }, say("sequence")), list, steps.length < MOST ? more : null];
}

/* A step that was not done is kept as "did_not"; the editors below speak of "did". */
function view(step) {
  return new Proxy(step, {
    get: (target, name) => (name === "did" ? target.did ?? target.did_not : target[name]),
    set: (target, name, value) => { target[name === "did" && "did_not" in target ? "did_not" : name] = value; return true; },
  });
}

function one(node, step, place, tools) {
  const focus = `${node.id}-${place}`;
  const seen = view(step);
  const what = chooseKind(node, seen, tools, `${focus}-what`);
  const parts = place === 0 ? [el("span", { class: "seg-word" }, say("step_first")), what, ...first(node, step, tools, focus)] : [...then(node, step, place, tools, focus), what, ...within(node, step, tools, focus)];
  const drop = place > 0 && node.data.sequence.length > 2
    ? button(say("remove_step"), "x", { quiet: true, class: "btn btn-quiet btn-icon", focus: `${focus}-drop`, onclick: () => tools.change(node, () => node.data.sequence.splice(place, 1)) }) : null;
  return [...parts, drop, drawSubjects(node, seen, tools, focus), ...drawFilters(node, seen, tools, focus), drawMore(node, seen, tools, focus)];
}

function first(node, step, tools, focus) {
  const write = (window) => { if (window) step.window = window; else delete step.window; };
  return drawWindow(node, tools, `${focus}-window`, () => step.window, write);
}

function then(node, step, place, tools, focus) {
  const set = (choice) => tools.change(node, () => {
    const kind = step.did ?? step.did_not;
    delete step.did;
    delete step.did_not;
    step[choice] = kind;
  });
  return [select(say("then"), [["did", say("then_did")], ["did_not", say("then_did_not")]], "did_not" in step ? "did_not" : "did", set, { focus: `${focus}-then` })];
}

function within(node, step, tools, focus) {
  const put = (value) => tools.type(node, `${focus}-within`, () => { step.within = value; });
  return [el("span", { class: "seg-word" }, say("within")), span(step.within, put, { label: say("within"), focus: `${focus}-within`, units: FIXED_UNITS })];
}
