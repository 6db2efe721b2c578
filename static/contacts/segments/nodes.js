/* Draws the tree: groups in words, conditions as rows, each with its acts and what the server found wrong with it. */

import * as colleagues from "./colleagues.js";
import * as did from "./did.js";
import { button, el, icon, say, select } from "./dom.js";
import * as field from "./field.js";
import * as sequence from "./sequence.js";
import { isGroup, MODES } from "./tree.js";

/* One row is one kind of leaf; the key is the one its JSON has. */
const LEAVES = { field, did, sequence, people_of_account: colleagues };

export const kindOfLeaf = (data) => Object.keys(LEAVES).find((key) => key in data);
export const blankLeaf = (kind, key) => LEAVES[kind].blank(key);

export function drawRoot(root, tools) {
  return drawGroup(root, tools, { root: true });
}

function drawGroup(node, tools, { root = false, inner = false } = {}) {
  const set = (mode) => tools.change(node, () => { node.mode = mode; });
  const modes = MODES.map((mode) => [mode, say(`mode_${mode}`)]);
  const head = el("div", { class: "seg-group-head" }, root || inner ? null : handle(node, tools),
    select(say("mode"), modes, node.mode, set, { class: "form-select seg-mode", focus: `${node.id}-mode` }),
    root || inner ? null : acts(node, tools));
  const items = node.children.flatMap((child, place) => [place ? el("li", { class: "seg-joint", "aria-hidden": "true" }, say(`joint_${node.mode}`)) : null, drawItem(child, tools)]);
  const list = el("ol", { class: "seg-children", "data-children": node.id }, items.filter(Boolean));
  return el("section", { class: `seg-group is-${node.mode}`, "data-group": node.id, "aria-label": say(`mode_${node.mode}`) },
    head, problems(node), node.children.length ? list : el("p", { class: "seg-empty", "data-children": node.id }, say(root ? "empty_rule" : "empty_group")), foot(node, tools));
}

function foot(node, tools) {
  return el("div", { class: "seg-foot" },
    button(say("add_condition"), "plus", { class: "btn seg-add", focus: `${node.id}-add`, onclick: () => tools.add(node) }),
    button(say("add_group"), "brackets-contain", { class: "btn btn-quiet seg-add", focus: `${node.id}-add-group`, onclick: () => tools.addGroup(node) }));
}

function drawItem(node, tools) {
  const parts = isGroup(node) ? [drawGroup(node, tools)] : [drawLeaf(node, tools)];
  return el("li", { class: "seg-item", "data-node": node.id }, parts);
}

function drawLeaf(node, tools) {
  const kind = kindOfLeaf(node.data);
  const parts = kind ? LEAVES[kind].draw(node, tools) : [el("code", {}, JSON.stringify(node.data)), el("span", { class: "seg-gone" }, say("unknown_leaf"))];
  return el("div", { class: `seg-leaf is-${kind ?? "unknown"}` }, handle(node, tools),
    el("div", { class: "seg-body" }, parts.flat().filter(Boolean), problems(node), node.rule ? el("div", { class: "seg-inner" }, drawGroup(node.rule, tools, { inner: true })) : null), acts(node, tools));
}

function handle(node, tools) {
  return el("button", { type: "button", class: "seg-handle", focus: `${node.id}-handle`, "data-handle": node.id, "aria-label": say("handle"), "aria-describedby": "segment-keys", title: say("handle"), onkeydown: (event) => tools.handleKey(event, node) }, icon("grip-vertical"));
}

function acts(node, tools) {
  const small = (words, name, act) => button(words, name, { quiet: true, class: "btn btn-quiet btn-icon", title: words, focus: `${node.id}-${name}`, onclick: act });
  return el("div", { class: "seg-acts" }, small(say("duplicate"), "copy", () => tools.duplicate(node)), small(say("delete"), "trash", () => tools.remove(node)),
    small(say("more"), "dots-vertical", (event) => tools.menu(node, event.currentTarget)));
}

function problems(node) {
  return el("div", { class: "seg-problems", role: "status", "data-problems": node.id });
}

/* Says at each node what is wrong with it; nothing is drawn anew, so that nobody's typing is disturbed. */
export function showProblems(box, tools) {
  for (const place of box.querySelectorAll("[data-problems]")) {
    const id = Number(place.dataset.problems);
    const found = tools.fresh.has(id) ? [] : tools.problems.get(id) ?? [];
    place.replaceChildren(...found.map((text) => el("div", { class: "wf-error" }, icon("alert-circle"), el("span", {}, text))));
  }
}
