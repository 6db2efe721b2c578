/* The mouse and the finger: cards are dragged, connections drawn, kinds dragged from the palette, the canvas moved. */

import { announce, byId, el, icon, say } from "./dom.js";
import { CARD, distance, path, port } from "./geometry.js";
import * as graphs from "./graph.js";
import { stepKinds } from "./store.js";

const SLOP = 4; // pixels before a press becomes a drag
const REACH = 26; // how near a connection something must be dropped to be put into it

export function pointing(store, canvas, acts) {
  let act = null; // what is going on: { move(event), end(event), cancel() }
  let drawing = null; // an outlet that was clicked and waits for the card to lead to

  /* --- a press that may become a drag --------------------------------------------------------------------------------- */
  function press(event, begin, click) {
    const from = { x: event.clientX, y: event.clientY };
    const id = event.pointerId;
    const move = (next) => {
      if (next.pointerId !== id) return;
      if (!act) {
        if (Math.hypot(next.clientX - from.x, next.clientY - from.y) < SLOP) return;
        act = begin(event);
      }
      next.preventDefault();
      act?.move(next);
    };
    const end = (next) => {
      if (next.pointerId !== id) return;
      stop();
      const ended = act;
      act = null;
      if (ended) ended.end(next);
      else if (next.type === "pointerup") click?.(next);
    };
    const escape = (next) => {
      if (next.key !== "Escape" || !act) return;
      next.preventDefault();
      next.stopPropagation();
      stop();
      act.cancel();
      act = null;
    };
    function stop() {
      document.removeEventListener("pointermove", move);
      for (const name of ["pointerup", "pointercancel"]) document.removeEventListener(name, end);
      document.removeEventListener("keydown", escape, true);
    }
    document.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, end);
    document.addEventListener("keydown", escape, true);
  }

  canvas.view.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const within = (selector) => event.target.closest(selector);
    const card = within(".je-card, .je-start, .je-note");
    if (within(".je-plus")) return;
    if (within(".je-port")) return press(event, () => drawLink(within(".je-port")), () => arm(within(".je-port")));
    if (card && drawing) return land(card);
    if (within(".je-card")) return press(event, () => dragCards(card, event), (next) => clickCard(next, card));
    if (within(".je-note")) return press(event, () => dragNote(event, card), () => acts.note(card.dataset.note));
    if (within(".je-start")) return press(event, pan, () => { store.choose(""); acts.settings(); });
    if (within("g[data-outlet]")) return press(event, pan, () => acts.chooseLink(within("g[data-outlet]").dataset));
    if (event.pointerType === "touch") return;
    press(event, event.shiftKey ? () => band(event) : pan, () => { disarm(); store.chooseAll([]); acts.close(); });
  });
  byId("je-plusses").addEventListener("click", (event) => {
    const made = event.target.closest(".je-plus");
    if (made) acts.insert(made.dataset.from, made.dataset.outlet);
  });

  function clickCard(event, card) {
    const key = card.dataset.key;
    const more = event.shiftKey || event.ctrlKey || event.metaKey;
    if (more && store.selected.has(key)) { store.selected.delete(key); return store.tell("chosen"); }
    store.choose(key, { more });
    card.focus({ preventScroll: true });
    if (!more) acts.open(key);
  }

  /* --- moving cards ------------------------------------------------------------------------------------------------------ */
  function dragCards(card, pressed) {
    const key = card.dataset.key;
    if (!store.selected.has(key)) store.choose(key);
    const keys = [...store.selected];
    const held = graphs.stepOf(store.graph, key);
    const box = canvas.geometry.box(held);
    const grabbed = canvas.point(pressed);
    const offset = { x: grabbed.x - box.x, y: grabbed.y - box.y };
    const ghosts = keys.map((one) => canvas.element(one));
    return {
      move(event) {
        const spot = canvas.point(event);
        const shift = `translate(${spot.x - offset.x - box.x}px, ${spot.y - offset.y - box.y}px)`;
        for (const ghost of ghosts) { ghost.style.transform = shift; ghost.classList.add("is-held"); }
        hint(placeOf(spot, offset));
      },
      end(event) {
        const to = placeOf(canvas.point(event), offset);
        this.cancel();
        if (to.lane === held.lane && to.row === held.row && to.column === held.column) return;
        const lanes = (lane) => (lane === held.lane ? to.lane : lane);
        store.change((graph) => { graphs.move(graph, keys, { lanes, row: to.row - held.row, column: to.column - held.column }); });
        announce(say("moved_to", { lane: laneName(to.lane), row: to.row + 1 }));
      },
      cancel() { for (const ghost of ghosts) { ghost.style.transform = ""; ghost.classList.remove("is-held"); } hint(null); },
    };
  }

  function placeOf(spot, offset) {
    return canvas.geometry.place(spot.x - offset.x + CARD.width / 2, spot.y - offset.y + CARD.height / 2);
  }

  const laneName = (key) => canvas.geometry.lane(key)?.label ?? key;

  function hint(place) {
    const mark = byId("je-here");
    mark.hidden = !place;
    if (!place) return;
    const box = canvas.geometry.box(place);
    for (const [name, value] of [["left", box.x], ["top", box.y], ["width", box.width], ["height", box.height]]) mark.style[name] = `${value}px`;
  }

  function dragNote(event, element) {
    const note = store.graph.notes.find((one) => one.key === element.dataset.note);
    return {
      move(next) { hint(canvas.geometry.place(canvas.point(next).x, canvas.point(next).y)); },
      end(next) {
        hint(null);
        const spot = canvas.point(next);
        const place = canvas.geometry.place(spot.x, spot.y);
        store.change((graph) => { Object.assign(graph.notes.find((one) => one.key === note.key), place); });
      },
      cancel() { hint(null); },
    };
  }

  /* --- drawing connections ----------------------------------------------------------------------------------------------- */
  const ownerOf = (dot) => dot.closest(".je-card")?.dataset.key ?? "";

  function spotOf(from, outlet) {
    if (!from) return port(canvas.geometry.start(store.graph), 0, 1);
    const keys = store.outletKeys(from);
    return port(canvas.geometry.box(graphs.stepOf(store.graph, from)), keys.indexOf(outlet), keys.length);
  }

  function drawLink(dot) {
    const [from, outlet] = [ownerOf(dot), dot.dataset.outlet];
    disarm();
    const line = byId("je-new-link");
    const begin = spotOf(from, outlet);
    return {
      move(event) {
        const spot = canvas.point(event);
        line.setAttribute("d", path([begin, spot]));
        mark(cardAt(event));
      },
      end(event) {
        const target = cardAt(event);
        this.cancel();
        if (target) return connect(from, outlet, target.dataset.key);
        const spot = canvas.point(event);
        acts.insertAt(from, outlet, canvas.geometry.place(spot.x, spot.y));
      },
      cancel() { line.removeAttribute("d"); mark(null); },
    };
  }

  function cardAt(event) { return document.elementFromPoint(event.clientX, event.clientY)?.closest(".je-card") ?? null; }

  function mark(card) { for (const one of canvas.world.querySelectorAll(".je-card.is-target")) one.classList.remove("is-target"); card?.classList.add("is-target"); }

  function connect(from, outlet, to) {
    store.change((graph) => { graphs.connect(graph, from, outlet, to); });
    announce(say("connected", { to: store.title(to) }));
  }

  function arm(dot) {
    disarm();
    drawing = { from: ownerOf(dot), outlet: dot.dataset.outlet };
    canvas.view.classList.add("is-drawing");
    announce(say("choose_target"));
  }

  function disarm() { drawing = null; canvas.view.classList.remove("is-drawing"); byId("je-new-link").removeAttribute("d"); }

  function land(card) {
    const { from, outlet } = drawing;
    disarm();
    if (card.dataset.key) connect(from, outlet, card.dataset.key);
  }

  canvas.view.addEventListener("pointermove", (event) => {
    if (drawing) byId("je-new-link").setAttribute("d", path([spotOf(drawing.from, drawing.outlet), canvas.point(event)]));
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && drawing) { event.preventDefault(); disarm(); } }, true);

  /* --- the canvas itself --------------------------------------------------------------------------------------------------- */
  function pan() {
    let last = null;
    canvas.view.classList.add("is-panning");
    return {
      move(event) {
        if (last) { canvas.view.scrollLeft -= event.clientX - last.x; canvas.view.scrollTop -= event.clientY - last.y; }
        last = { x: event.clientX, y: event.clientY };
      },
      end() { this.cancel(); },
      cancel() { canvas.view.classList.remove("is-panning"); },
    };
  }

  function band(event) {
    const from = canvas.point(event);
    const box = byId("je-band");
    const covered = (to) => store.graph.steps.filter((step) => {
      const card = canvas.geometry.box(step);
      return card.x < Math.max(from.x, to.x) && card.x + card.width > Math.min(from.x, to.x) && card.y < Math.max(from.y, to.y) && card.y + card.height > Math.min(from.y, to.y);
    }).map((step) => step.key);
    return {
      move(next) {
        const to = canvas.point(next);
        box.hidden = false;
        for (const [name, value] of [["left", Math.min(from.x, to.x)], ["top", Math.min(from.y, to.y)], ["width", Math.abs(to.x - from.x)], ["height", Math.abs(to.y - from.y)]]) box.style[name] = `${value}px`;
      },
      end(next) { store.chooseAll(covered(canvas.point(next))); this.cancel(); },
      cancel() { box.hidden = true; },
    };
  }

  canvas.view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    canvas.setZoom(canvas.zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1), event);
  }, { passive: false });

  /* --- from the palette ------------------------------------------------------------------------------------------------------ */
  byId("je-palette").addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[data-kind]");
    if (item && event.button === 0) press(event, () => dragKind(stepKinds.get(item.dataset.kind)));
  });

  function dragKind(kind) {
    const ghost = el("div", { class: "je-ghost" }, icon(kind.icon), el("span", {}, kind.label));
    document.body.append(ghost);
    document.body.classList.add("je-dragging");
    return {
      move(event) {
        ghost.style.left = `${event.clientX + 8}px`;
        ghost.style.top = `${event.clientY + 8}px`;
        const aim = aimed(event);
        show(aim);
      },
      end(event) {
        const aim = aimed(event);
        this.cancel();
        if (aim) acts.drop(kind, aim);
      },
      cancel() { ghost.remove(); document.body.classList.remove("je-dragging"); show(null); },
    };
  }

  /* Where something from the palette would go: into a connection, after a card, or onto a place. */
  function aimed(event) {
    const box = canvas.view.getBoundingClientRect();
    if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) return null;
    const spot = canvas.point(event);
    const card = cardAt(event);
    if (card) return { after: card.dataset.key };
    const near = canvas.routes.map((route) => ({ route, far: distance(route.points, spot) })).sort((a, b) => a.far - b.far)[0];
    if (near && near.far < REACH / canvas.zoom) return { link: near.route };
    return { place: canvas.geometry.place(spot.x, spot.y) };
  }

  function show(aim) {
    hint(aim?.place ?? null);
    mark(aim?.after ? canvas.element(aim.after) : null);
    for (const group of canvas.links.querySelectorAll("g")) group.classList.toggle("is-target", group.dataset.from === aim?.link?.from && group.dataset.outlet === aim?.link?.outlet);
  }
}
