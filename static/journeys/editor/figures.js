/* Numbers on the canvas: badges at the cards, and how many left by each outlet. store.figures is a Map by step key:
   { badges: [texts], left: { outlet: text }, hint: text }. */

import { byId, el } from "./dom.js";

export function figuring(store, canvas) {
  const layer = el("div", { class: "je-figures", id: "je-figures" });
  byId("je-world").append(layer);

  function draw() {
    const shown = store.figures ?? new Map();
    const made = [];
    for (const step of store.graph.steps) {
      const figures = shown.get(step.key);
      if (figures?.badges.length) made.push(put(el("div", { class: "je-figure", title: figures.hint || undefined }, figures.badges.map((text) => el("span", {}, text))), above(canvas.geometry.box(step))));
    }
    for (const { from, outlet, points } of canvas.routes) {
      const text = shown.get(from)?.left[outlet];
      if (text) made.push(put(el("span", { class: "je-figure is-way" }, text), { x: points[0].x + 16, y: points[0].y + 27 }));
    }
    layer.replaceChildren(...made);
  }

  store.addEventListener("drawn", draw);
  store.addEventListener("figured", draw);
}

const above = (box) => ({ x: box.x + 8, y: box.y - 26 });

function put(element, { x, y }) {
  element.style.left = `${x}px`;
  element.style.top = `${y}px`;
  return element;
}
