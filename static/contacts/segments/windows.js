/* When: ever, in the last n days, between two dates, this month, since the stage was entered, since something else. */

import { catalogue, kindOptions } from "./catalogue.js";
import { el, say, select } from "./dom.js";
import { FIXED_UNITS, INPUTS, span } from "./inputs.js";

const WINDOWS = {
  last: { blank: () => ({ n: 30, unit: "days" }), draw: span },
  ago: { blank: INPUTS.spans.blank, draw: INPUTS.spans.draw },
  more_than_ago: { blank: () => ({ n: 30, unit: "days" }), draw: span },
  after_creation: { blank: () => ({ n: 30, unit: "days" }), draw: (value, put, about) => span(value, put, { ...about, units: FIXED_UNITS }) },
  before: INPUTS.time,
  after: INPUTS.time,
  between: INPUTS.times,
  since: { blank: () => ({ did: catalogue.kinds[0].key, which: "last" }), draw: since },
};

function since(value, put, about) {
  const now = { ...value };
  const tell = (name) => (chosen) => { now[name] = chosen; put({ ...now }); };
  return el("span", { class: "seg-pair" },
    select(say("which"), [["first", say("first_time")], ["last", say("last_time")]], now.which, tell("which"), { focus: `${about.focus}-which` }),
    select(say("event"), kindOptions(), now.did, tell("did"), { focus: `${about.focus}-did` }));
}

function options() {
  const plain = (key) => [key, say(`window_${key}`)];
  return [plain("ever"), plain("last"), plain("ago"), plain("more_than_ago"),
    { label: say("window_calendar"), options: catalogue.past_periods.map(([key, label]) => [`calendar ${key}`, label]) },
    { label: say("window_dates"), options: ["before", "after", "between"].map(plain) },
    { label: say("window_other"), options: ["since_stage", "since", "after_creation"].map(plain) }];
}

function chosen(window) {
  const key = Object.keys(window ?? {})[0] ?? "ever";
  return key === "calendar" ? `calendar ${window.calendar}` : key;
}

function started(choice) {
  const [key, word] = choice.split(" ");
  if (key === "ever") return undefined;
  if (key === "calendar") return { calendar: word };
  return { [key]: key === "since_stage" ? true : WINDOWS[key].blank() };
}

/* `read` returns the window, `write` stores it (undefined: ever). */
export function drawWindow(node, tools, focus, read, write) {
  const key = Object.keys(read() ?? {})[0];
  const choice = select(say("when"), options(), chosen(read()), (picked) => tools.change(node, () => write(started(picked))), { focus });
  const put = (value) => tools.type(node, `${focus}-value`, () => write({ [key]: value }));
  const input = WINDOWS[key]?.draw(read()[key], put, { label: say("when"), focus: `${focus}-value` });
  return [el("span", { class: "seg-pair" }, choice, input ?? null)];
}
