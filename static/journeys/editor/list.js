/* The same drawing as a list, in the order people walk it: for screen readers, for a phone, for who likes lists. */

import { byId, el, icon, say } from "./dom.js";
import { branch, linkOf, stepOf } from "./graph.js";

const box = byId("je-list");

export function listing(store, acts) {
  function draw() {
    if (box.hidden) return;
    const held = document.activeElement?.dataset.focus;
    const { graph } = store;
    const walked = graph.first ? branch(graph, graph.first) : [];
    const rest = graph.steps.map((step) => step.key).filter((key) => !walked.includes(key));
    const numbers = new Map([...walked, ...rest].map((key, place) => [key, place + 1]));
    const start = el("li", { class: "je-row is-start" }, el("button", { type: "button", class: "je-row-main", "data-focus": "start", onclick: () => acts.settings(true) }, icon("player-play"), el("span", {}, el("strong", {}, say("start")), el("span", {}, graph.triggers.map((trigger) => store.starts.get(trigger.key)?.said ?? trigger.kind).join(" · ") || say("no_trigger")))),
      graph.first ? null : add("", "start", say("insert_here")));
    box.replaceChildren(el("ol", {}, start, [...walked, ...rest].map((key) => row(key, numbers, rest.includes(key)))));
    if (held) box.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus();
  }

  function row(key, numbers, apart) {
    const step = stepOf(store.graph, key);
    const shown = store.card(step);
    const found = store.problemsAt(key);
    const lane = store.lanes.find((one) => one.key === step.lane)?.label ?? step.lane;
    const words = el("span", {}, el("strong", {}, `${numbers.get(key)}. ${store.title(key)}`), el("span", {}, [shown.label, lane].join(" · ")), step.comment ? el("span", {}, step.comment) : null,
      found.map((problem) => el("span", { class: `je-said is-${problem.severity}` }, problem.message)));
    return el("li", { class: `je-row${apart ? " is-apart" : ""}`, "data-row": key }, el("button", { type: "button", class: "je-row-main", "data-focus": key, onclick: () => { store.choose(key); acts.open(key, true); } }, icon(shown.icon), words),
      el("ul", {}, store.outlets(key).map((outlet) => way(key, outlet, numbers))));
  }

  function way(key, outlet, numbers) {
    const to = linkOf(store.graph, key, outlet.key)?.to;
    const target = to && stepOf(store.graph, to);
    const leads = target ? `${numbers.get(to)}. ${store.title(to)}` : say("ends_here");
    return el("li", {}, el("span", {}, `${outlet.label} → ${leads}`), add(key, outlet.key),
      el("button", { type: "button", class: "btn btn-quiet", "data-focus": `${key}-${outlet.key}-lead`, "aria-label": `${outlet.label}: ${say("connect")}`, onclick: () => { store.choose(key); acts.connectFrom(key, outlet.key); } }, icon("arrow-right")));
  }

  function add(key, outlet, words = null) {
    return el("button", { type: "button", class: "btn btn-quiet", "data-focus": `${key}-${outlet}-add`, "aria-label": say("insert_here"), onclick: () => acts.insert(key, outlet) }, icon("plus"), words);
  }

  for (const name of ["changed", "told"]) store.addEventListener(name, draw);
  return {
    show(on) {
      box.hidden = !on;
      byId("je-view").hidden = on;
      byId("je-palette").hidden = on;
      byId("je-map").hidden = on;
      draw();
    },
    get on() { return !box.hidden; },
  };
}
