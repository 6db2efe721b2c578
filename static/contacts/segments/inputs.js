/* The inputs of values: one row of INPUTS is one kind, named by the catalogue's operators.
   A row has `blank` (the value it begins with) and `draw(value, put, about)`: `put` takes the new value, `about` has
   label, focus (its name for the keyboard), field, chips (how to suggest and to show values). */

import { chips } from "./chips.js";
import { catalogue } from "./catalogue.js";
import { el, say, select } from "./dom.js";

export const FIXED_UNITS = ["minutes", "hours", "days", "weeks"];
const UNITS = [...FIXED_UNITS, "months", "years"];

function number(value, put, { label, focus, step = "any", min }) {
  const oninput = (event) => put(event.target.value === "" ? null : Number(event.target.value));
  return el("input", { type: "number", class: "form-control seg-number", step, min, "aria-label": label, focus, value: value ?? "", oninput, inputmode: step === "1" ? "numeric" : "decimal" });
}

function count(value, put, about) {
  return number(value, put, { min: 0, ...about, step: "1" });
}

function text(value, put, { label, focus, placeholder }) {
  return el("input", { type: "text", class: "form-control seg-text", "aria-label": label, focus, placeholder, maxlength: 200, value: value ?? "", oninput: (event) => put(event.target.value) });
}

/* A day, or a day with a time of it; without a time it means midnight in the company's zone. */
function day(value, put, { label, focus }) {
  return el("input", { type: "date", class: "form-control seg-date", "aria-label": label, focus, value: String(value ?? "").slice(0, 10), onchange: (event) => put(event.target.value) });
}

function time(value, put, about) {
  const [date, clock] = String(value ?? "").split("T");
  const now = { date, clock: (clock ?? "").slice(0, 5) };
  const tell = () => put(now.clock ? `${now.date}T${now.clock}` : now.date);
  const hours = el("input", { type: "time", class: "form-control seg-time", "aria-label": say("time_of_day"), focus: `${about.focus}-time`, value: now.clock, onchange: (event) => { now.clock = event.target.value; tell(); } });
  return el("span", { class: "seg-pair" }, day(date, (typed) => { now.date = typed; tell(); }, about), hours);
}

function pair(one) {
  return (value, put, about) => {
    const both = Array.isArray(value) ? [...value] : [null, null];
    const set = (place) => (typed) => { both[place] = typed; put([...both]); };
    return el("span", { class: "seg-pair" },
      one(both[0], set(0), { ...about, label: say("from"), focus: `${about.focus}-from` }), el("span", { class: "seg-word" }, say("and")),
      one(both[1], set(1), { ...about, label: say("to"), focus: `${about.focus}-to` }));
  };
}

export function span(value, put, about) {
  const now = { n: 30, unit: "days", ...value };
  const n = count(now.n, (typed) => { now.n = typed; put({ ...now }); }, { ...about, label: say("how_many"), focus: `${about.focus}-n`, min: 1 });
  const units = (about.units ?? UNITS).map((unit) => [unit, say(unit)]);
  const unit = select(say("unit"), units, now.unit, (chosen) => { now.unit = chosen; put({ ...now }); }, { focus: `${about.focus}-unit` });
  return el("span", { class: "seg-pair" }, n, unit);
}

function spans(value, put, about) {
  const now = { from: { n: 14, unit: "days" }, to: { n: 7, unit: "days" }, ...value };
  const part = (name) => span(now[name], (typed) => { now[name] = typed; put({ ...now }); }, { ...about, focus: `${about.focus}-${name}` });
  return el("span", { class: "seg-pair" }, part("from"), el("span", { class: "seg-word" }, say("and")), part("to"));
}

const months = () => Array.from({ length: 12 }, (_, month) => [month + 1, new Intl.DateTimeFormat(document.documentElement.lang, { month: "long" }).format(new Date(2024, month, 1))]);

const inDays = (input) => el("span", { class: "seg-pair" }, input, el("span", { class: "seg-word" }, say("days")));

/* The names are those of the operators' readers (contacts/segments/rules/readers.py, date_readers.py). */
export const INPUTS = {
  none: { blank: () => undefined, draw: () => null },
  text: { blank: () => "", draw: text },
  texts: { blank: () => [], draw: (value, put, about) => chips(value, put, { ...about, free: true }) },
  choices: { blank: () => [], draw: chips },
  number: { blank: () => null, draw: number },
  numbers: { blank: () => [null, null], draw: pair(number) },
  count: { blank: () => 1, draw: count },
  counts: { blank: () => [1, 2], draw: pair(count) },
  day: { blank: () => "", draw: day },
  days: { blank: () => ["", ""], draw: pair(day) },
  time: { blank: () => "", draw: time },
  times: { blank: () => ["", ""], draw: pair(time) },
  span: { blank: () => ({ n: 30, unit: "days" }), draw: span },
  spans: { blank: () => ({ from: { n: 14, unit: "days" }, to: { n: 7, unit: "days" } }), draw: spans },
  number_of_days: { blank: () => 7, draw: (value, put, about) => inDays(count(value, put, about)) },
  period: { blank: () => "this_month", draw: (value, put, { label, focus }) => select(label, catalogue.periods, value, put, { focus }) },
  months: { blank: () => [new Date().getMonth() + 1], draw: (value, put, about) => chips(value, put, { ...about, choices: months(), query: null }) },
};
