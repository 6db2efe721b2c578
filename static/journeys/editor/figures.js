/* Numbers on the canvas: badges at the cards, and how many left by each outlet. store.figures is a Map by step key
   ("" for the start): { badges: [badge], left: { outlet: badge }, hint: text }. A badge is a text, or what leads to
   people: { text, label, url, icon, tone }. */

import { byId, el, icon } from "./dom.js";

export function figuring(store, canvas) {
  const layer = el("div", { class: "je-figures", id: "je-figures" });
  byId("je-world").append(layer);

  function draw() {
    const shown = store.figures ?? new Map();
    const made = [];
    for (const step of store.graph.steps) {
      const figures = shown.get(step.key);
      if (figures?.badges.length) made.push(put(el("div", { class: "je-figure", title: figures.hint || undefined }, figures.badges.map((one) => badge(one))), above(canvas.geometry.box(step))));
    }
    for (const { from, outlet, points } of canvas.routes) {
      const one = shown.get(from)?.left[outlet];
      if (one) made.push(put(badge(one, "je-figure is-way"), { x: points[0].x + 16, y: points[0].y + 27 }));
    }
    layer.replaceChildren(...made);
  }

  store.addEventListener("drawn", draw);
  store.addEventListener("figured", draw);
}

function badge(one, name = "") {
  if (typeof one === "string") return el("span", { class: name || null }, one);
  const tone = one.tone ? ` is-${one.tone}` : "";
  return el("a", { class: `${name}${tone}`.trim() || null, href: one.url, title: one.label, "aria-label": `${one.text} ${one.label}`, draggable: "false" }, one.icon ? icon(one.icon) : null, one.text);
}

const above = (box) => ({ x: box.x + 8, y: box.y - 26 });

function put(element, { x, y }) {
  element.style.left = `${x}px`;
  element.style.top = `${y}px`;
  return element;
}
