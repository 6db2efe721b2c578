/* What can be done to a node besides dragging it: moving by keys and by its menu, copying as JSON, pasting. */

import { announce, say } from "./dom.js";
import { composing } from "../../js/composing.js";
import * as tree from "./tree.js";

const menu = document.getElementById("segment-menu");
const MOVES = { up: (root, id) => tree.moveBy(root, id, -1), down: (root, id) => tree.moveBy(root, id, 1), out: tree.moveOut, in: tree.moveIn };
const KEYS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };

/* ask: { act(change, focus), root(), insert(node, group, index) }. Returns handleKey and menu for the drawing. */
export function acting(ask) {
  let shownFor = null;

  function move(node, way) {
    let moved = false;
    ask.act(() => { moved = MOVES[way](ask.root(), node.id); }, `${node.id}-handle`);
    announce(moved ? where(node) : say("cannot_move"));
  }

  function where(node) {
    const { parent, index } = tree.place(ask.root(), node.id);
    return say("moved", { place: index + 1, count: parent.children.length, group: say(`mode_${parent.mode}`) });
  }

  async function copy(node) {
    if (!navigator.clipboard) return announce(say("no_clipboard"));
    await navigator.clipboard.writeText(JSON.stringify(tree.stored(node), null, 2));
    announce(say("copied"));
  }

  async function paste(node) {
    if (!navigator.clipboard) return announce(say("no_clipboard"));
    let fresh;
    try {
      const json = JSON.parse(await navigator.clipboard.readText());
      fresh = tree.read(json.rule && json.version ? json.rule : json);
    } catch {
      return announce(say("json_wrong"));
    }
    const { parent, index } = tree.place(ask.root(), node.id);
    ask.insert(fresh, parent, index + 1);
  }

  /* Alt with an arrow moves the node in which the focus is, wherever in it. */
  document.getElementById("segment-tree").addEventListener("keydown", (event) => {
    if (composing(event) || !event.altKey || event.ctrlKey || !(event.key in KEYS)) return;
    const item = event.target.closest("[data-node]");
    if (!item) return;
    event.preventDefault();
    move(tree.place(ask.root(), Number(item.dataset.node)).node, KEYS[event.key]);
  });

  menu.addEventListener("click", (event) => {
    const what = event.target.closest("[data-act]")?.dataset.act;
    if (!what) return;
    menu.hidePopover();
    ({ copy, paste })[what]?.(shownFor) ?? (what in MOVES && move(shownFor, what));
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const all = [...menu.querySelectorAll("button")];
    all.at((all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)) % all.length).focus();
  });

  return {
    menu(node, opener) {
      shownFor = node;
      const box = opener.getBoundingClientRect();
      menu.showPopover();
      menu.style.top = `${Math.min(box.bottom + 4, window.innerHeight - menu.offsetHeight - 8)}px`;
      menu.style.left = `${Math.max(8, Math.min(box.right - menu.offsetWidth, window.innerWidth - menu.offsetWidth - 8))}px`;
      menu.querySelector("button").focus();
    },
    handleKey(event, node) {
      if (composing(event)) return;
      const controlled = event.ctrlKey || event.metaKey;
      if (controlled && event.code === "KeyC") { event.preventDefault(); copy(node); }
      if (controlled && event.code === "KeyV") { event.preventDefault(); paste(node); }
      if (event.key === "Delete") { event.preventDefault(); event.target.closest("[data-node]").querySelector("[data-focus$='-trash']").click(); }
    },
  };
}
