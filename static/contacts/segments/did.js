/* A condition on behaviour: what was done, how often or how much, about what, only where, and when. */

import { catalogue, kindOf, kindOptions } from "./catalogue.js";
import { button, el, say, select } from "./dom.js";
import { INPUTS } from "./inputs.js";
import { suggest } from "./asking.js";
import { chips } from "./chips.js";
import { drawWindow } from "./windows.js";

const BARE = ["never", "first"];
const MEASURES = ["sum", "average", "smallest", "largest", "first", "last", "distinct"];

export const blank = (kind) => ({ did: kind, times: { operator: "at_least", n: 1 }, window: { last: { n: 30, unit: "days" } } });

function how(data) {
  if (data.first) return "first";
  return data.measure ? `measure ${data.measure.by}` : data.times?.operator ?? "at_least";
}

function setHow(data, choice) {
  const [kind, by] = choice.split(" ");
  const n = data.times?.n ?? 1;
  delete data.first;
  delete data.times;
  if (kind === "measure") {
    data.measure = { of: "value", operator: "at_least", value: 1, ...data.measure, by };
    return;
  }
  delete data.measure;
  if (kind === "first") data.first = true;
  else if (kind === "never") data.times = { operator: "never" };
  else if (kind === "between") data.times = { operator: kind, n, to: n + 2 };
  else data.times = { operator: kind, n };
}

function howOptions() {
  const times = ["at_least", "at_most", "exactly", "between", "never"].map((key) => [key, say(`times_${key}`)]);
  return [...times, ["first", say("times_first")], { label: say("measured"), options: MEASURES.map((by) => [`measure ${by}`, say(`by_${by}`)]) }];
}

function drawHow(node, tools) {
  const { data } = node;
  const choice = select(say("how_often"), howOptions(), how(data), (picked) => tools.change(node, () => setHow(data, picked)), { focus: `${node.id}-how` });
  if (data.measure) return [choice, ...measure(node, tools)];
  if (BARE.includes(how(data))) return [choice];
  const two = how(data) === "between";
  const put = (n) => tools.type(node, `${node.id}-n`, () => { data.times = two ? { operator: "between", n: n[0], to: n[1] } : { operator: how(data), n }; });
  const value = two ? [data.times.n, data.times.to] : data.times?.n ?? 1;
  return [choice, el("span", { class: "seg-pair" }, (two ? INPUTS.counts : INPUTS.count).draw(value, put, { label: say("times"), focus: `${node.id}-n`, min: 0 }), el("span", { class: "seg-word" }, say("times")))];
}

function measure(node, tools) {
  const { data } = node;
  const set = (name) => (value) => tools.type(node, `${node.id}-measure-${name}`, () => { data.measure[name] = value; });
  const compare = (picked) => tools.change(node, () => { data.measure.operator = picked; data.measure.value = begun(picked, data.measure.value); });
  const input = data.measure.operator === "between" ? INPUTS.numbers : isText(data.measure.operator) ? INPUTS.text : INPUTS.number;
  const operators = ["first", "last"].includes(data.measure.by) ? [...catalogue.measure_operators, ...catalogue.text_operators] : catalogue.measure_operators;
  return [property(node, data.did, data.measure.of, set("of"), `${node.id}-of`),
    select(say("comparison"), operators, data.measure.operator, compare, { focus: `${node.id}-measure` }),
    input.draw(data.measure.value, set("value"), { label: say("amount"), focus: `${node.id}-amount` })];
}

const isText = (operator) => catalogue.text_operators.some(([key]) => key === operator);

function begun(operator, value) {
  if (isText(operator)) return typeof value === "string" ? value : "";
  return operator === "between" ? [1, 10] : Number(value) || 1;
}

/* A property of the event: known ones are offered, any other may be typed. */
function property(node, kind, value, put, focus) {
  const id = `${focus}-known`;
  const known = el("datalist", { id });
  offer(known, kind);
  return el("span", { class: "seg-property" },
    el("input", { type: "text", class: "form-control seg-text", list: id, "aria-label": say("property"), placeholder: say("property"), maxlength: 200, value, focus, autocomplete: "off", oninput: (event) => put(event.target.value.trim()) }), known);
}

/* The names that the latest events of the kind carry; asked once a kind. */
const offered = new Map();
async function offer(list, kind) {
  if (!offered.has(kind)) offered.set(kind, suggest(`properties of ${kind}`, { kind }).then(({ values }) => values, () => []));
  list.replaceChildren(...(await offered.get(kind)).map(({ value }) => el("option", { value })));
}

/* Which campaign, product, form …: one line; a kind without subjects has none. */
export function drawSubjects(node, step, tools, focus) {
  const types = kindOf(step.did)?.subjects ?? [];
  if (!types.length || !step.on) return null;
  const type = types.find(([key]) => key === step.on.type);
  const names = type ? types : [[step.on.type, step.on.type], ...types];
  const setType = (key) => tools.change(node, () => { step.on = { type: key, keys: [] }; });
  const put = (keys) => tools.type(node, `${focus}-keys`, () => { step.on = { type: step.on.type, keys: keys.map(String) }; });
  return line(tools, node, say("about"), () => { delete step.on; }, `${focus}-on`,
    names.length > 1 ? select(say("about"), names, step.on.type, setType, { focus: `${focus}-type` }) : el("span", { class: "seg-word" }, names[0][1]),
    chips(step.on.keys, put, { label: type?.[1] ?? step.on.type, focus: `${focus}-keys`, joined: say("or"), query: { subject: step.on.type, kind: step.did } }));
}

/* Only where a property of the event says so: one line a filter. */
export function drawFilters(node, step, tools, focus) {
  return (step.where ?? []).map((filter, place) => {
    const set = (name) => (value) => tools.type(node, `${focus}-${place}-${name}`, () => { filter[name] = value; });
    const operator = catalogue.property_operators.find((row) => row.key === filter.operator);
    const compare = (key) => tools.change(node, () => changeFilter(filter, key));
    const input = operator && operator.input !== "none" ? INPUTS[operator.input].draw(filter.value, set("value"), { label: say("value"), focus: `${focus}-${place}-value`, query: { kind: step.did, property: filter.property } }) : null;
    return line(tools, node, place ? say("and_where") : say("where"), () => dropFilter(step, place), `${focus}-${place}`,
      property(node, step.did, filter.property, set("property"), `${focus}-${place}-property`),
      select(say("comparison"), catalogue.property_operators.map((row) => [row.key, row.label]), filter.operator, compare, { focus: `${focus}-${place}-operator` }), input);
  });
}

function changeFilter(filter, key) {
  const inputOf = (name) => catalogue.property_operators.find((row) => row.key === name)?.input;
  const [before, after] = [inputOf(filter.operator), inputOf(key)];
  filter.operator = key;
  if (after === "none") delete filter.value;
  else if (before !== after) filter.value = INPUTS[after].blank();
}

function dropFilter(step, place) {
  step.where.splice(place, 1);
  if (!step.where.length) delete step.where;
}

function line(tools, node, word, drop, focus, ...parts) {
  const take = button(say("remove"), "x", { quiet: true, class: "btn btn-quiet btn-icon", focus: `${focus}-drop`, onclick: () => tools.change(node, drop) });
  return el("div", { class: "seg-line" }, el("span", { class: "seg-word" }, word), ...parts, take);
}

/* Buttons that add "which one" and "only where". */
export function drawMore(node, step, tools, focus) {
  const subjects = kindOf(step.did)?.subjects ?? [];
  const on = () => { step.on = { type: subjects[0][0], keys: [] }; };
  const where = () => { step.where = [...(step.where ?? []), { property: "", operator: catalogue.property_operators[0].key, value: "" }]; };
  const add = (words, change, next) => button(words, "plus", { class: "btn btn-quiet seg-add-small", focus: `${focus}-${next}-add`, onclick: () => tools.change(node, change, `${focus}-${next}`) });
  return el("div", { class: "seg-line seg-more" },
    subjects.length && !step.on ? add(say("add_subject", { name: subjects.map(([, label]) => label).join(", ") }), on, "keys") : null,
    add(say("add_filter"), where, `${(step.where ?? []).length}-property`));
}

export function chooseKind(node, step, tools, focus) {
  const known = kindOf(step.did) ? kindOptions() : [[step.did, step.did], ...kindOptions()];
  return select(say("event"), known, step.did, (key) => tools.change(node, () => { step.did = key; delete step.on; delete step.where; }), { class: "form-select seg-what", focus });
}

export function draw(node, tools) {
  const { data } = node;
  const focus = `${node.id}-did`;
  const write = (window) => { if (window) data.window = window; else delete data.window; };
  return [chooseKind(node, data, tools, `${node.id}-what`), ...drawHow(node, tools), ...drawWindow(node, tools, `${node.id}-window`, () => data.window, write),
    drawSubjects(node, data, tools, focus), ...drawFilters(node, data, tools, focus), drawMore(node, data, tools, focus),
    how(data) === "at_most" || how(data) === "never" ? el("div", { class: "seg-note" }, say(how(data) === "never" ? "note_never" : "note_at_most")) : null];
}
