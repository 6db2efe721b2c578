/* The builder of a segment's rule. The textarea of the form is the truth; this draws it, changes it, and asks what it means. */

import { acting } from "./acts.js";
import { announce, say, settle } from "./dom.js";
import { History } from "./history.js";
import { look } from "./live.js";
import { dragging } from "./moving.js";
import { blankLeaf, drawRoot, showProblems } from "./nodes.js";
import { pick } from "./picker.js";
import * as tree from "./tree.js";

const form = document.getElementById("segment-form");
const text = form.elements.definition;
const box = document.getElementById("segment-tree");
let root = tree.readDefinition(text.value);
const history = new History(root);
const tools = { problems: new Map(), fresh: new Set(), change, type, pick: repick, add, addGroup, remove, duplicate, ...acting({ act, root: () => root, insert }) };
let saved = snapshot();

function snapshot() {
  return JSON.stringify(["name", "description"].map((name) => form.elements[name]?.value)) + JSON.stringify(tree.storedDefinition(root));
}

/* --- drawing ------------------------------------------------------------------------------------------------------- */
function draw(focus = document.activeElement?.dataset.focus) {
  const selection = document.activeElement?.selectionStart ?? null;
  box.replaceChildren(drawRoot(root, tools));
  showProblems(box, tools);
  const again = focus && box.querySelector(`[data-focus="${CSS.escape(focus)}"]`);
  if (!again) return;
  again.focus({ preventScroll: false });
  if (selection !== null && again.type === "text") again.setSelectionRange(selection, selection);
}

function write() {
  text.value = JSON.stringify(tree.storedDefinition(root), null, 2);
  look(text.value, wrong);
  document.querySelectorAll("[data-undo]").forEach((one) => { one.disabled = !history.past.length; });
  document.querySelectorAll("[data-redo]").forEach((one) => { one.disabled = !history.future.length; });
}

/* The server names a place by its path; the deepest node that begins it shows the problem. */
function wrong(problems) {
  tools.problems.clear();
  const nodes = [...tree.walk(root)].sort((one, other) => other.path.length - one.path.length);
  for (const { path, text: words } of problems) {
    const owner = nodes.find((found) => found.path.every((part, at) => String(part) === String(path[at]))) ?? nodes.at(-1);
    tools.problems.set(owner.node.id, [...(tools.problems.get(owner.node.id) ?? []), words]);
  }
  showProblems(box, tools);
}

/* --- changing ------------------------------------------------------------------------------------------------------ */
/* A change of shape: kept for undo, drawn anew, the focus put on `focus` (default: where it was). */
function act(change, focus) {
  change();
  history.keep(root);
  draw(focus);
  write();
}

function change(node, alter, focus) { act(alter, focus); }

/* Typing in a control: nothing is drawn anew, since the control shows it already. */
function type(node, key, alter) {
  alter();
  history.keep(root, key);
  write();
}

function firstControl(node) { return tree.isGroup(node) ? `${node.id}-mode` : `${node.id}-what`; }

function insert(node, parent, index) {
  act(() => parent.children.splice(index, 0, node), firstControl(node));
  announce(say("added"));
}

function add(parent) {
  pick(({ kind, key }) => {
    const node = tree.leaf(blankLeaf(kind, key));
    tools.fresh.add(node.id);
    const next = kind === "field" ? `${node.id}-value` : `${node.id}-how`;
    act(() => parent.children.push(node));
    (box.querySelector(`[data-focus="${next}"], [data-focus="${next}-n"]`) ?? box.querySelector(`[data-focus^="${node.id}-"]`))?.focus();
    announce(say("added"));
  });
}

function repick(node) {
  pick(({ kind, key }) => act(() => {
    const fresh = tree.leaf(blankLeaf(kind, key));
    node.data = fresh.data;
    if (fresh.rule) node.rule = fresh.rule;
    else delete node.rule;
  }, `${node.id}-what`));
}

function addGroup(parent) { insert(tree.group(parent.mode === "any" ? "all" : "any"), parent, parent.children.length); }

function duplicate(node) {
  let copy;
  act(() => { copy = tree.duplicate(root, node.id); });
  box.querySelector(`[data-focus="${copy.id}-handle"]`)?.focus();
  announce(say("added"));
}

function remove(node) {
  const { parent, index } = tree.place(root, node.id);
  const next = parent.children[index + 1] ?? parent.children[index - 1];
  act(() => tree.remove(root, node.id), next ? `${next.id}-handle` : `${parent.id}-add`);
  announce(say("removed"));
}

function replace(fresh, words) {
  if (!fresh) return;
  root = fresh;
  draw();
  write();
  announce(words);
}

/* What is wrong with a new condition is said once the focus has left it, not while it is being filled in; and not
   between pressing and releasing, since the line would move the button away from under the pointer. */
let pressing = false;
document.addEventListener("pointerdown", () => { pressing = true; }, true);
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => { pressing = false; }, true);

function whenReleased(act) {
  if (!pressing) return act();
  document.addEventListener("pointerup", () => setTimeout(act), { once: true });
}

box.addEventListener("focusout", (event) => {
  const item = event.target.closest("[data-node]");
  const id = Number(item?.dataset.node);
  if (!item || !tools.fresh.has(id) || !event.relatedTarget || item.contains(event.relatedTarget)) return;
  tools.fresh.delete(id);
  whenReleased(() => showProblems(box, tools));
});

dragging(box, {
  root: () => root,
  drop: (id, parent, index) => act(() => tree.moveTo(root, id, parent, index), `${id}-handle`),
});

/* --- whole rule: undo, redo, JSON, leaving ------------------------------------------------------------------------- */
const undo = () => replace(history.undo(), say("undone"));
const redo = () => replace(history.redo(), say("redone"));
document.querySelectorAll("[data-undo]").forEach((one) => one.addEventListener("click", undo));
document.querySelectorAll("[data-redo]").forEach((one) => one.addEventListener("click", redo));

document.addEventListener("keydown", (event) => {
  if (event.isComposing || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  if (event.code === "KeyS") { event.preventDefault(); form.requestSubmit(); }
  if (event.target.closest("input:not([type=checkbox]), textarea, dialog")) return; // the field undoes its own typing
  if (event.code === "KeyZ") { event.preventDefault(); (event.shiftKey ? redo : undo)(); }
  if (event.code === "KeyY") { event.preventDefault(); redo(); }
});

text.addEventListener("input", () => {
  try {
    root = tree.readDefinition(text.value);
    text.setCustomValidity("");
  } catch {
    return text.setCustomValidity(say("json_wrong"));
  }
  history.keep(root, "json");
  draw();
  look(text.value, wrong);
});

window.addEventListener("beforeunload", (event) => { if (snapshot() !== saved) event.preventDefault(); });
form.addEventListener("submit", () => { settle(); saved = snapshot(); });

document.documentElement.classList.add("has-builder");
draw();
write();
if (!form.dataset.dirty) saved = snapshot();
else saved = "";
