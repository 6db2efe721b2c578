/* The live canvas: the drawing of a journey that nobody changes here, with numbers that follow by themselves. */

import { Canvas } from "../editor/canvas.js";
import { byId, el, icon } from "../editor/dom.js";
import { figuring } from "../editor/figures.js";
import { linksFrom, linksInto } from "../editor/graph.js";
import { mapping } from "../editor/map.js";
import { Store } from "../editor/store.js";

const EVERY_MS = 4000;
const store = new Store();
const canvas = new Canvas(store);
figuring(store, canvas);
mapping(store, canvas);

/* One person's way, where the page is about her: her cards and connections stand out. */
const walked = JSON.parse(byId("journey-walked")?.textContent ?? "null");
if (walked) {
  const taken = new Set(walked.links.map((link) => link.join("\n")));
  store.addEventListener("drawn", () => {
    for (const [key, { element }] of canvas.cards) {
      element.classList.toggle("is-walked", walked.steps.includes(key));
      element.classList.toggle("is-standing", key === walked.here);
    }
    for (const group of canvas.links.querySelectorAll("g")) group.classList.toggle("is-walked", taken.has(`${group.dataset.from}\n${group.dataset.outlet}`));
  });
}

const panel = byId("jl-panel");
let found = JSON.parse(byId("journey-figures").textContent);
let open = "";

/* --- numbers ----------------------------------------------------------------------------------------------------- */
function show() {
  const figures = Object.entries(found.steps).map(([key, step]) => [key, { badges: step.badges, left: step.left }]);
  store.figures = new Map([...figures, ["", { badges: [], left: { start: found.entered } }]]);
  store.problems = Object.entries(found.steps).flatMap(([at, step]) => step.held.map((held) => ({ at, message: held.why, severity: "error" })));
  store.tell("told"); // which draws the cards, and then the numbers
  if (open) fill(open);
}

/* What is under the pointer or has the focus is not replaced: a link must not go away while it is pressed. */
async function follow() {
  if (!document.hidden && !busy()) {
    try {
      const answer = await fetch(byId("journey-live").dataset.numbers + location.search, { credentials: "same-origin" });
      if (answer.ok && !busy()) replace(await answer.json());
    } catch {
      // without a connection the numbers stay as they are; the next look may succeed
    }
  }
  setTimeout(follow, EVERY_MS);
}

const busy = () => ["jl-summary", "jl-table", "je-figures"].some((id) => byId(id).contains(document.activeElement)) || byId("je-figures").matches(":active");

function replace({ summary, table, ...rest }) {
  if (JSON.stringify(rest) === JSON.stringify(found)) return;
  found = rest;
  byId("jl-summary").innerHTML = summary;
  byId("jl-table").innerHTML = table;
  show();
}

/* --- one step ------------------------------------------------------------------------------------------------------ */
function fill(key) {
  const step = found.steps[key];
  byId("jl-panel-title").textContent = store.title(key);
  const rows = (step?.rows ?? []).map((row) => el("li", {}, el("a", { href: row.url }, el("span", {}, row.label), el("strong", {}, row.text)),
    row.under.length ? el("ul", {}, row.under.map((part) => el("li", {}, el("a", { href: part.url }, el("span", {}, part.label), el("strong", {}, part.text))))) : null));
  const held = (step?.held ?? []).map((one) => el("p", { class: "jl-problem" }, icon("alert-triangle"), el("span", {}, one.why)));
  byId("jl-panel-body").replaceChildren(...held, el("ul", { class: "jl-rows" }, rows));
}

function openStep(key) {
  open = key;
  store.choose(key);
  panel.hidden = false;
  fill(key);
  byId("jl-panel-title").focus();
}

function close() {
  const key = open;
  open = "";
  panel.hidden = true;
  if (key) canvas.element(key).focus();
}

byId("jl-panel-close").addEventListener("click", close);
panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });

/* --- looking around ------------------------------------------------------------------------------------------------- */
const ZOOMS = { in: () => canvas.zoomBy(1), out: () => canvas.zoomBy(-1), fit: () => canvas.fit() };
byId("jl-canvas").addEventListener("click", (event) => {
  const verb = event.target.closest("[data-do]")?.dataset.do;
  if (verb) return ZOOMS[verb]();
  const card = event.target.closest(".je-card");
  if (card && !event.target.closest("a")) openStep(card.dataset.key);
});

const STEPS = {
  ArrowDown: (key) => linksFrom(store.graph, key)[0]?.to,
  ArrowUp: (key) => linksInto(store.graph, key)[0]?.from,
  ArrowRight: (key) => beside(key, 1),
  ArrowLeft: (key) => beside(key, -1),
};

function beside(key, step) {
  const order = store.graph.steps.toSorted((a, b) => a.row - b.row || canvas.geometry.box(a).x - canvas.geometry.box(b).x).map((one) => one.key);
  return order[order.indexOf(key) + step];
}

canvas.view.addEventListener("keydown", (event) => {
  if (event.target.closest("a") || event.ctrlKey || event.metaKey || event.altKey) return;
  const here = event.target.closest(".je-card")?.dataset.key;
  if (event.key === "Enter" && here) return openStep(here);
  if (!(event.key in STEPS)) return;
  const to = here ? STEPS[event.key](here) : store.graph.first;
  if (!to) return;
  event.preventDefault();
  canvas.put(to);
});

/* Dragging the empty canvas moves it. */
canvas.view.addEventListener("pointerdown", (event) => {
  if (event.button || event.pointerType === "touch" || event.target.closest(".je-card, .je-note, a, button")) return;
  const from = { x: event.clientX + canvas.view.scrollLeft, y: event.clientY + canvas.view.scrollTop };
  const pan = (moved) => canvas.view.scrollTo(from.x - moved.clientX, from.y - moved.clientY);
  canvas.view.classList.add("is-panning");
  addEventListener("pointermove", pan);
  addEventListener("pointerup", () => { removeEventListener("pointermove", pan); canvas.view.classList.remove("is-panning"); }, { once: true });
});

for (const select of document.querySelectorAll(".jl-choice select")) select.addEventListener("change", () => select.form.requestSubmit());

show();
if (canvas.geometry.width > canvas.view.clientWidth) canvas.setZoom(Math.max(0.5, canvas.view.clientWidth / canvas.geometry.width));
canvas.view.scrollTo(0, 0);
setTimeout(follow, EVERY_MS);
