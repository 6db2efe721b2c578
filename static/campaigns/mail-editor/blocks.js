/* The list of blocks: made from JSON, changed by hand, read back as JSON. The page itself is the state. */

import { composing } from "../../js/composing.js";

const piece = (name) => document.getElementById(`piece-${name}`);
const changed = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));

/** Return the element of one block, its fields filled from `values`. */
export function makeBlock(values) {
  const block = piece("frame").content.firstElementChild.cloneNode(true);
  const kind = piece(values.kind);
  block.dataset.kind = values.kind;
  block.querySelector("[data-title]").textContent = kind.dataset.title;
  block.querySelector(".me-body").append(kind.content.cloneNode(true));
  if (values.kind === "footer") block.querySelectorAll("[data-act], [data-grip]").forEach((part) => part.remove());
  for (const input of block.querySelectorAll("[data-key]")) {
    if (values[input.dataset.key] !== undefined) input.value = values[input.dataset.key];
  }
  for (const list of block.querySelectorAll("[data-list]")) fillList(list, values[list.dataset.list] || []);
  showThumb(block);
  return block;
}

/** Fill a list with blocks from JSON. */
export function fillList(list, blocks) {
  list.replaceChildren(...blocks.map(makeBlock));
}

/** Return the JSON of the blocks in a list. */
export function readList(list) {
  return [...list.children].map(readBlock);
}

function readBlock(block) {
  const values = { kind: block.dataset.kind };
  const body = block.querySelector(".me-body");
  for (const part of body.querySelectorAll("[data-key], [data-list]")) {
    if (part.closest(".me-block") !== block) continue;
    if (part.dataset.key) values[part.dataset.key] = part.value;
    else values[part.dataset.list] = readList(part);
  }
  return values;
}

/** Show the picture a block names. */
export function showThumb(block) {
  const thumb = block.querySelector(":scope > .me-body [data-thumb]");
  if (!thumb) return;
  const src = block.querySelector(":scope > .me-body [data-key=src]").value.trim();
  const form = document.getElementById("mail-form");
  thumb.hidden = !src;
  if (src) thumb.src = src.startsWith("asset:") ? form.dataset.pictures.replace(/key$/, src.slice(6)) : src;
}

function move(block, step) {
  const other = step < 0 ? block.previousElementSibling : block.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(block);
  else other.after(block);
  const place = [...block.parentNode.children].indexOf(block) + 1;
  const form = document.getElementById("mail-form");
  document.getElementById("mail-spoken").textContent = `${form.dataset.moved} ${place}`;
  changed(block);
}

const acts = {
  up: (block) => move(block, -1),
  down: (block) => move(block, 1),
  copy: (block) => { block.after(makeBlock(readBlock(block))); changed(block); },
  delete: (block) => {
    const next = block.nextElementSibling || block.previousElementSibling;
    const list = block.parentNode;
    block.remove();
    (next?.querySelector("button, input") || list.parentNode.querySelector("[data-add]"))?.focus();
    changed(list);
  },
};

/** Let people add, move (buttons, Alt+arrows, drag), duplicate and delete blocks below `root`. */
export function startBlocks(root) {
  root.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (act) {
      acts[act.dataset.act](act.closest(".me-block"));
      act.focus();
    }
    const add = event.target.closest("[data-add]");
    if (add) {
      const list = add.closest(".me-add").parentNode.querySelector("[data-list]");
      const block = makeBlock({ kind: add.dataset.add });
      list.append(block);
      block.querySelector("input, textarea")?.focus();
      changed(list);
    }
  });
  root.addEventListener("keydown", (event) => {
    const block = event.target.closest(".me-block");
    if (composing(event) || !event.altKey || !block || block.dataset.kind === "footer") return;
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    move(block, event.key === "ArrowUp" ? -1 : 1);
    event.target.focus();
  });
  startDragging(root);
}

function startDragging(root) {
  let held = null;
  root.addEventListener("pointerdown", (event) => {
    const block = event.target.closest("[data-grip]")?.closest(".me-block");
    if (block) block.draggable = true;
  });
  root.addEventListener("dragstart", (event) => {
    held = event.target.closest(".me-block");
    event.dataTransfer.effectAllowed = "move";
    held.classList.add("is-held");
  });
  root.addEventListener("dragover", (event) => {
    const over = event.target.closest(".me-block");
    if (!held || !over || over === held || over.parentNode !== held.parentNode) return;
    event.preventDefault();
    const half = over.getBoundingClientRect();
    if (event.clientY < half.top + half.height / 2) over.before(held);
    else over.after(held);
  });
  root.addEventListener("dragend", () => {
    if (!held) return;
    held.classList.remove("is-held");
    held.draggable = false;
    changed(held);
    held = null;
  });
}
