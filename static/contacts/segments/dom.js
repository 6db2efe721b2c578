/* The builder's words, from the page's JSON, and its usual controls. */

import { el, icon } from "../../js/elements.js";

export { el, icon };

const words = JSON.parse(document.getElementById("segment-words").textContent);

/* say("moved", { place: 2 }) fills {place}; a key that is not there is a fault and throws. */
export function say(key, facts = {}) {
  if (!(key in words)) throw new Error(`no words for "${key}"`);
  return words[key].replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
}

export function button(label, iconName, props = {}) {
  const { quiet, ...rest } = props;
  return el("button", { type: "button", class: "btn btn-quiet", ...rest }, icon(iconName), el("span", { class: quiet ? "wf-sr" : null }, label));
}

const PAUSE = 700; // ms after the last letter

/* Letters typed into a closed select choose by all of them as long as the select stays. A choice made so is told after
   a pause, or as soon as another key is pressed, since telling it may draw the select anew. */
function afterTyping(made, tell) {
  let typed = 0;
  made.addEventListener("keydown", (event) => {
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) typed = Date.now();
    else settle();
  });
  made.addEventListener("change", () => {
    if (waiting?.made === made) clearTimeout(waiting.timer);
    else settle();
    waiting = { made, timer: setTimeout(settle, PAUSE), tell: () => tell(made.value) };
    if (Date.now() - typed >= PAUSE) settle();
  });
}

let waiting = null;

/* Tells now what a pause would tell: before the rule is read by anybody else. */
export function settle() {
  if (!waiting) return;
  const { timer, tell } = waiting;
  waiting = null;
  clearTimeout(timer);
  tell();
}

/* options: [value, label] pairs, or { label, options } for a group of them. */
export function select(label, options, chosen, onchange, props = {}) {
  const draw = (entry) => Array.isArray(entry)
    ? el("option", { value: entry[0], selected: String(entry[0]) === String(chosen) }, entry[1])
    : el("optgroup", { label: entry.label }, entry.options.map(draw));
  const made = el("select", { class: "form-select", "aria-label": label, ...props }, options.map(draw));
  made.value = chosen ?? "";
  afterTyping(made, onchange);
  return made;
}

const spoken = document.getElementById("segment-spoken");
export function announce(text) {
  spoken.textContent = "";
  requestAnimationFrame(() => { spoken.textContent = text; });
}
