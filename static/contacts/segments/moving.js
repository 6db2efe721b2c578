/* Dragging a condition or a group by its handle with mouse, pen or finger. Keys do the same: see builder.js. */

import { place } from "./tree.js";

const STARTS_AFTER = 5; // pixels
const EDGE = 72; // pixels from the window's edge where the page begins to scroll

/* Where the pointer is over: { id of the group, index in it } and the element that shows it. */
function target(root, x, y, dragged) {
  const over = document.elementFromPoint(x, y);
  const item = over?.closest("[data-node]");
  const foot = over?.closest(".seg-foot, .seg-empty");
  if (foot) {
    const id = Number(foot.closest("[data-group]").dataset.group);
    return spot(root, id, Infinity, foot, "is-drop-into", dragged);
  }
  if (!item) return null;
  const head = over.closest(".seg-group-head");
  if (head && head.closest("[data-node]") === item && item.querySelector("[data-group]")) {
    const box = head.getBoundingClientRect();
    if (y > box.top + box.height / 2) return spot(root, Number(head.closest("[data-group]").dataset.group), 0, head, "is-drop-into", dragged);
  }
  const found = place(root, Number(item.dataset.node));
  const box = item.getBoundingClientRect();
  const after = y > box.top + box.height / 2;
  return spot(root, found.parent.id, found.index + (after ? 1 : 0), item, after ? "is-drop-after" : "is-drop-before", dragged);
}

function spot(root, id, index, element, css, dragged) {
  if (dragged.contains(element)) return null;
  const { node } = place(root, id);
  return { group: node, index: Math.min(index, node.children.length), element, css };
}

class Drag {
  constructor(event, handle, ask) {
    Object.assign(this, { handle, ask, id: Number(handle.dataset.handle), x: event.clientX, y: event.clientY, ghost: null, found: null });
    this.item = handle.closest("[data-node]");
    handle.setPointerCapture(event.pointerId);
    this.listeners = { pointermove: (moved) => this.move(moved), pointerup: () => this.drop(), pointercancel: () => this.end(), keydown: (pressed) => { if (pressed.key === "Escape") this.end(); } };
    for (const [name, listen] of Object.entries(this.listeners)) (name === "keydown" ? document : handle).addEventListener(name, listen);
  }

  move(event) {
    if (!this.ghost && Math.hypot(event.clientX - this.x, event.clientY - this.y) < STARTS_AFTER) return;
    this.ghost ??= this.lift();
    this.ghost.style.transform = `translate(${event.clientX - this.x}px, ${event.clientY - this.y}px)`;
    this.show(target(this.ask.root(), event.clientX, event.clientY, this.item));
    if (event.clientY < EDGE) window.scrollBy(0, -12);
    if (event.clientY > window.innerHeight - EDGE) window.scrollBy(0, 12);
  }

  lift() {
    const box = this.item.getBoundingClientRect();
    const ghost = this.item.cloneNode(true);
    ghost.classList.add("seg-ghost");
    ghost.setAttribute("aria-hidden", "true");
    ghost.inert = true;
    Object.assign(ghost.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px` });
    document.getElementById("segment-tree").append(ghost);
    this.item.classList.add("is-dragged");
    return ghost;
  }

  show(found) {
    this.found?.element.classList.remove(this.found.css);
    this.found = found;
    found?.element.classList.add(found.css);
  }

  drop() {
    const { found, ghost } = this;
    this.end();
    if (ghost && found) this.ask.drop(this.id, found.group, found.index);
  }

  end() {
    for (const [name, listen] of Object.entries(this.listeners)) (name === "keydown" ? document : this.handle).removeEventListener(name, listen);
    this.show(null);
    this.ghost?.remove();
    this.item.classList.remove("is-dragged");
  }
}

/* ask: { root() the tree as it is, drop(id, group, index) }. */
export function dragging(box, ask) {
  box.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (!handle || event.button !== 0) return;
    event.preventDefault();
    handle.focus();
    new Drag(event, handle, ask);
  });
}
