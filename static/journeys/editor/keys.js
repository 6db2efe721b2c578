/* The whole canvas by keyboard. The focus stands on one card; keys act on it, or on everything that is chosen. */

import { composing } from "../../js/composing.js";
import { announce, byId, say } from "./dom.js";
import { linksFrom, linksInto, move, stepOf } from "./graph.js";

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export function keyboard(store, canvas, acts) {
  const plain = {
    Enter: () => (store.focus ? acts.open(store.focus, true) : acts.settings(true)),
    KeyA: () => acts.addAfter(store.focus),
    KeyC: () => acts.connectFrom(store.focus),
    KeyN: () => acts.addNote(),
    Delete: () => acts.removeChosen(),
    Backspace: () => acts.removeChosen(),
    Space: () => toggle(),
    Home: () => canvas.put(""),
  };
  const controlled = {
    KeyC: (event) => acts.copy(event.shiftKey),
    KeyX: (event) => acts.cut(event.shiftKey),
    KeyV: () => acts.paste(),
    KeyA: () => { store.chooseAll(store.graph.steps.map((step) => step.key)); announce(say("chosen", { count: store.selected.size })); },
  };

  canvas.view.addEventListener("keydown", (event) => {
    if (composing(event) || event.target.closest("input, textarea, select")) return;
    const control = event.ctrlKey || event.metaKey;
    if (event.key in ARROWS) {
      event.preventDefault();
      if (event.altKey) return moveCard(ARROWS[event.key]);
      return go(event.key, event.shiftKey);
    }
    const found = control ? controlled[event.code] : event.altKey ? null : plain[event.code];
    if (!found || (event.target.closest("button") && ["Enter", "Space"].includes(event.code))) return;
    event.preventDefault();
    found(event);
  });

  document.addEventListener("keydown", (event) => {
    if (composing(event) || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    const control = event.ctrlKey || event.metaKey;
    if (event.key === "Escape" && !event.defaultPrevented) return acts.close();
    if (typing) return;
    if (control && event.code === "KeyZ") { event.preventDefault(); return event.shiftKey ? acts.redo() : acts.undo(); }
    if (control && event.code === "KeyY") { event.preventDefault(); return acts.redo(); }
    if (control && event.code === "KeyS") { event.preventDefault(); return acts.save(); }
    if (control || event.altKey) return;
    if (event.key === "+" || event.key === "=") canvas.zoomBy(1);
    else if (event.key === "-") canvas.zoomBy(-1);
    else if (event.key === "0") canvas.fit();
    else if (event.code === "KeyF") acts.find();
    else if (event.key === "?") acts.keys();
    else return;
    event.preventDefault();
  });

  function toggle() {
    if (!store.focus) return;
    if (store.selected.has(store.focus)) store.selected.delete(store.focus);
    else store.selected.add(store.focus);
    store.tell("chosen");
  }

  /* Down and up follow connections first; otherwise the nearest card in that direction. */
  function go(key, more) {
    const next = along(key) ?? nearest(key);
    if (next === undefined) return;
    const chosen = more ? new Set([...store.selected, next]) : null;
    canvas.put(next);
    if (chosen) store.chooseAll([...chosen].filter((one) => stepOf(store.graph, one)));
    store.focus = next;
    canvas.mark();
  }

  function along(key) {
    const { graph, focus } = store;
    if (key === "ArrowDown") {
      if (!focus) return graph.first || undefined;
      const order = store.outletKeys(focus);
      return linksFrom(graph, focus).toSorted((a, b) => order.indexOf(a.outlet) - order.indexOf(b.outlet))[0]?.to;
    }
    if (key === "ArrowUp" && focus) return focus === graph.first ? "" : linksInto(graph, focus)[0]?.from;
    return undefined;
  }

  function nearest(key) {
    const [dx, dy] = ARROWS[key];
    const here = store.focus ? canvas.geometry.box(stepOf(store.graph, store.focus)) : canvas.geometry.start(store.graph);
    let best;
    for (const step of store.graph.steps) {
      const box = canvas.geometry.box(step);
      const ahead = (box.x - here.x) * dx + (box.y - here.y) * dy;
      const aside = Math.abs((box.x - here.x) * dy) + Math.abs((box.y - here.y) * dx);
      const far = ahead + aside * 3;
      if (step.key !== store.focus && ahead > 0 && (!best || far < best.far)) best = { key: step.key, far };
    }
    return best?.key;
  }

  /* Alt with the arrows: a row up or down, a column or, at the edge, a lane to the side. */
  function moveCard([dx, dy]) {
    const keys = store.selected.size ? [...store.selected] : [store.focus].filter(Boolean);
    if (!keys.length) return;
    const order = canvas.geometry.lanes.map((lane) => lane.key);
    const first = stepOf(store.graph, keys[0]);
    const at = order.indexOf(first.lane);
    const leaves = dx < 0 ? first.column === 0 && at > 0 : dx > 0 && first.column + 1 >= (canvas.geometry.lane(first.lane).columns || 1) && at + 1 < order.length;
    const lanes = (lane) => (leaves && lane === first.lane ? order[at + dx] : lane);
    const column = leaves ? (dx > 0 ? -first.column : 0) : dx;
    store.change((graph) => { move(graph, keys, { lanes, row: dy, column }); });
    canvas.reveal(canvas.element(store.focus));
    const moved = stepOf(store.graph, keys[0]);
    announce(say("moved_to", { lane: canvas.geometry.lane(moved.lane).label, row: moved.row + 1 }));
  }

  byId("je-view").addEventListener("focusin", (event) => {
    const card = event.target.closest(".je-card, .je-start");
    if (!card || event.target.closest("button")) return;
    const key = card.dataset.key ?? "";
    if (key !== store.focus) store.choose(key);
  });
}
