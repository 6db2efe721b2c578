/* Draws the drawing: lanes, the start, cards, notes, and the connections below them. Cards are kept and only changed,
   so that the small mails in them are not loaded again. */

import { byId, el, icon, say } from "./dom.js";
import { corners, Geometry, path, port, tracks } from "./geometry.js";
import { linkOf } from "./graph.js";

const JUMP = "jump"; // the kind of a step that names the next one
const NS = "http://www.w3.org/2000/svg";
const SMALLEST = 0.02; // to show everything, however large it is drawn
const ZOOMS = [0.1, 0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5];

export class Canvas {
  constructor(store) {
    this.store = store;
    this.view = byId("je-view");
    this.sheet = byId("je-sheet");
    this.world = byId("je-world");
    this.links = byId("je-links");
    this.zoom = 1;
    this.cards = new Map();
    this.routes = [];
    store.addEventListener("changed", () => this.draw());
    store.addEventListener("told", () => this.draw());
    store.addEventListener("chosen", () => this.mark());
    this.draw();
  }

  draw() {
    const { graph, lanes } = this.store;
    this.geometry = new Geometry(lanes, graph);
    this.size();
    this.drawLanes();
    this.drawStart();
    const kept = new Set();
    for (const step of graph.steps) { kept.add(step.key); this.drawCard(step); }
    for (const note of graph.notes) { kept.add(note.key); this.drawNote(note); }
    for (const [key, made] of this.cards) if (!kept.has(key)) { made.element.remove(); this.cards.delete(key); }
    this.drawLinks();
    this.mark();
    byId("je-empty").hidden = graph.steps.length > 0;
    this.store.tell("drawn");
  }

  size() {
    const { width, height } = this.geometry;
    this.world.style.width = `${width}px`;
    this.world.style.height = `${height}px`;
    this.world.style.transform = `scale(${this.zoom})`;
    this.sheet.style.width = `${width * this.zoom}px`;
    this.sheet.style.height = `${height * this.zoom}px`;
    for (const [name, value] of [["width", width], ["height", height]]) this.links.setAttribute(name, value);
  }

  drawLanes() {
    byId("je-lanes").replaceChildren(...this.geometry.lanes.map((lane, number) => {
      const made = el("div", { class: `je-lane${lane.gone ? " is-gone" : ""}${number % 2 ? " is-odd" : ""}`, "data-lane": lane.key }, el("h3", { title: lane.label }, lane.label));
      made.style.left = `${lane.x}px`;
      made.style.width = `${lane.width}px`;
      return made;
    }));
  }

  drawStart() {
    const { graph, starts } = this.store;
    const start = byId("je-start");
    set(start, this.geometry.start(graph));
    const said = graph.triggers.map((trigger) => starts.get(trigger.key)?.said ?? trigger.kind);
    byId("je-start-said").textContent = said.join(" · ") || say("no_trigger");
    start.classList.toggle("is-wrong", !graph.triggers.length || graph.triggers.some((trigger) => this.store.problemsAt(trigger.key).length) || this.store.problemsAt("rules").length > 0);
    start.setAttribute("aria-label", `${say("start")}: ${said.join(", ") || say("no_trigger")}`);
  }

  drawCard(step) {
    const shown = this.store.card(step);
    const outlets = this.store.outlets(step.key);
    const found = this.store.problemsAt(step.key);
    const face = JSON.stringify([step.name, step.comment, shown, outlets, found]);
    let made = this.cards.get(step.key);
    if (!made) {
      const element = el("div", { class: "je-card", role: "group", tabindex: "-1", "data-key": step.key });
      made = { element, face: "", mail: null };
      this.cards.set(step.key, made);
      this.world.append(element);
    }
    if (made.face !== face) this.fill(made, step, shown, outlets, found);
    made.face = face;
    set(made.element, this.geometry.box(step));
  }

  fill(made, step, shown, outlets, found) {
    const worst = found.some((problem) => problem.severity === "error") ? "error" : found.length ? "warning" : "";
    made.element.className = `je-card is-${shown.shelf}${worst ? ` has-${worst}` : ""}`;
    const title = this.store.title(step.key);
    const under = step.name ? shown.said : shown.mail ? shown.mail.name : shown.said === title ? "" : shown.said;
    made.element.setAttribute("aria-label", [shown.label, title, ...found.map((problem) => problem.message)].join(". "));
    made.element.replaceChildren(
      el("header", {}, icon(shown.icon), el("span", { class: "wf-truncate" }, shown.label), step.comment ? el("span", { class: "je-flag is-note", title: step.comment }, icon("message-circle")) : null,
        worst ? el("span", { class: `je-flag is-${worst}`, title: found.map((problem) => problem.message).join("\n") }, icon("alert-circle"), el("span", {}, String(found.length))) : null),
      el("div", { class: "je-body" }, shown.mail ? this.mail(made, shown.mail) : null,
        el("div", { class: "je-words" }, el("strong", { title }, title), under && under !== title ? el("span", { title: under }, under) : null,
          shown.mail ? el("span", { class: "je-codes" }, shown.mail.languages.map((code) => el("span", { class: "wf-badge" }, code.toUpperCase()))) : null)),
      el("div", { class: `je-ports${outlets.length > 1 ? " is-named" : ""}` }, outlets.map((outlet, number) => this.outlet(step, outlet, number, outlets.length))),
    );
  }

  /* The small mail is the same element as long as it is the same mail. */
  mail(made, mail) {
    if (made.mail?.dataset.src !== mail.small) {
      const frame = el("iframe", { src: mail.small, loading: "lazy", sandbox: true, tabindex: "-1", title: say("preview") });
      made.mail = el("span", { class: "mail-thumb", "aria-hidden": "true", "data-src": mail.small }, frame);
    }
    return made.mail;
  }

  outlet(step, outlet, number, count) {
    const linked = linkOf(this.store.graph, step.key, outlet.key) !== undefined;
    const made = el("button", { type: "button", class: `je-port${outlet.gone ? " is-gone" : ""}${linked ? " is-linked" : ""}`, tabindex: "-1", "data-outlet": outlet.key, title: [outlet.label, say("port_hint")].filter(Boolean).join(" · "), "aria-label": [outlet.label, say("port_hint")].filter(Boolean).join(". ") }, count > 1 ? el("span", {}, outlet.label) : null);
    if (count > 1) { made.style.left = `${(100 * (number + 0.5)) / count}%`; made.style.maxWidth = `${100 / count - 2}%`; }
    return made;
  }

  drawNote(note) {
    let made = this.cards.get(note.key);
    if (!made) {
      const element = el("div", { class: "je-note", role: "group", tabindex: "-1", "data-note": note.key });
      made = { element, face: "" };
      this.cards.set(note.key, made);
      this.world.append(element);
    }
    if (made.face !== note.text) made.element.replaceChildren(el("p", {}, note.text || say("empty_note")));
    made.face = note.text;
    made.element.setAttribute("aria-label", `${say("note")}: ${note.text}`);
    set(made.element, this.geometry.box(note));
  }

  drawLinks() {
    const { graph } = this.store;
    const boxes = new Map(graph.steps.map((step) => [step.key, this.geometry.box(step)]));
    this.routes = [];
    const start = this.geometry.start(graph);
    if (boxes.has(graph.first)) this.route("", "start", graph.first, corners(port(start, 0, 1), boxes.get(graph.first)));
    const drawn = graph.links.filter((link) => boxes.has(link.from) && boxes.has(link.to)).map((link) => {
      const keys = this.store.outletKeys(link.from);
      return { ...link, dot: port(boxes.get(link.from), keys.indexOf(link.outlet), keys.length), box: boxes.get(link.to) };
    });
    for (const [link, track] of tracks(drawn)) this.route(link.from, link.outlet, link.to, corners(link.dot, link.box, track));
    for (const step of graph.steps) {
      const to = step.kind === JUMP ? boxes.get(step.settings.to) : undefined;
      if (to) this.route(step.key, "next", step.settings.to, corners(port(boxes.get(step.key), 0, 1), to), true);
    }
    this.links.querySelectorAll("g").forEach((one) => one.remove());
    this.links.append(...this.routes.map((route) => this.drawRoute(route)));
    byId("je-plusses").replaceChildren(...this.routes.filter((route) => !route.jumps).map((route) => plus(route)));
  }

  route(from, outlet, to, points, jumps = false) { this.routes.push({ from, outlet, to, points, jumps }); }

  /* A jump leads on without a connection that could be taken hold of. */
  drawRoute({ from, outlet, points, jumps }) {
    const group = document.createElementNS(NS, "g");
    const shape = path(points);
    for (const name of jumps ? ["je-link"] : ["je-reach", "je-link"]) {
      const line = document.createElementNS(NS, "path");
      line.setAttribute("class", name);
      line.setAttribute("d", shape);
      group.append(line);
    }
    group.classList.toggle("is-jump", jumps);
    group.dataset.from = from;
    group.dataset.outlet = outlet;
    return group;
  }

  mark() {
    const { selected, focus, graph } = this.store;
    for (const [key, { element }] of this.cards) {
      element.classList.toggle("is-chosen", selected.has(key));
      element.tabIndex = key === focus ? 0 : -1;
    }
    byId("je-start").tabIndex = !focus || !graph.steps.length ? 0 : -1;
    for (const group of this.links.querySelectorAll("g")) group.classList.toggle("is-near", selected.has(group.dataset.from));
  }

  /* --- looking ------------------------------------------------------------------------------------------------------ */
  element(key) { return this.cards.get(key)?.element ?? byId("je-start"); }

  put(key) {
    this.store.choose(key);
    const element = this.element(key);
    element.focus({ preventScroll: true });
    this.reveal(element);
  }

  reveal(element) {
    const [box, view] = [element.getBoundingClientRect(), this.view.getBoundingClientRect()];
    const head = 56;
    if (box.left < view.left + 12) this.view.scrollLeft += box.left - view.left - 24;
    else if (box.right > view.right - 12) this.view.scrollLeft += box.right - view.right + 24;
    if (box.top < view.top + head) this.view.scrollTop += box.top - view.top - head - 12;
    else if (box.bottom > view.bottom - 40) this.view.scrollTop += box.bottom - view.bottom + 56;
  }

  point(event) {
    const box = this.world.getBoundingClientRect();
    return { x: (event.clientX - box.left) / this.zoom, y: (event.clientY - box.top) / this.zoom };
  }

  setZoom(zoom, about) {
    const box = this.view.getBoundingClientRect();
    const spot = about ?? { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
    const before = this.point(spot);
    this.zoom = Math.min(ZOOMS.at(-1), Math.max(SMALLEST, zoom));
    this.size();
    this.view.scrollLeft = before.x * this.zoom - (spot.clientX - box.left);
    this.view.scrollTop = before.y * this.zoom - (spot.clientY - box.top);
    byId("je-zoom").textContent = `${Math.round(this.zoom * 100)}%`;
    this.store.tell("drawn");
  }

  zoomBy(step) {
    const next = step > 0 ? ZOOMS.find((zoom) => zoom > this.zoom + 0.01) : ZOOMS.findLast((zoom) => zoom < this.zoom - 0.01);
    if (next) this.setZoom(next);
  }

  fit() {
    const { width, height } = this.geometry;
    const [wide, high] = [this.view.clientWidth / width, this.view.clientHeight / height];
    this.setZoom(Math.min(1, wide, high));
    this.view.scrollTo(0, 0);
  }
}

function set(element, box) {
  for (const [name, value] of [["left", box.x], ["top", box.y], ["width", box.width], ["height", box.height]]) element.style[name] = `${value}px`;
}

function plus({ from, outlet, points }) {
  const made = el("button", { type: "button", class: "je-plus", tabindex: "-1", "data-from": from, "data-outlet": outlet, "aria-label": say("insert_here"), title: say("insert_here") }, icon("plus"));
  const spot = points.length > 2 ? points[1] : points[0];
  made.style.left = `${spot.x}px`;
  made.style.top = `${spot.y}px`;
  return made;
}
