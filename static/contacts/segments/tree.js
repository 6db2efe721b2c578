/* The rule as a tree of nodes: groups { id, mode, children }, leaves { id, data } and people of the account { id, data, rule }.
   Read from the definition and stored back; moving never loses a node nor puts a group into itself. */

export const MODES = ["all", "any", "none"];
let last = 0;

export const isGroup = (node) => node.mode !== undefined;
export const group = (mode = "all", children = []) => ({ id: ++last, mode, children });

export function leaf(data) {
  const { rule, ...own } = structuredClone(data);
  return rule === undefined ? { id: ++last, data: own } : { id: ++last, data: own, rule: read(rule) };
}

/* Throws a TypeError for what is no node at all; what a leaf means is judged by the server. */
export function read(json) {
  if (json === null || typeof json !== "object" || Array.isArray(json)) throw new TypeError("not a node");
  const mode = MODES.find((name) => name in json);
  if (mode === undefined) return leaf(json);
  if (!Array.isArray(json[mode])) throw new TypeError(`"${mode}" must be a list`);
  return group(mode, json[mode].map(read));
}

export function readDefinition(text) {
  const json = JSON.parse(text);
  const root = read(json?.rule ?? json);
  return isGroup(root) ? root : group("all", [root]);
}

export function stored(node) {
  if (isGroup(node)) return { [node.mode]: node.children.map(stored) };
  return node.rule ? { ...node.data, rule: stored(node.rule) } : node.data;
}

export const storedDefinition = (root) => ({ version: 1, rule: stored(root) });

/* Every node with its parent group, its place in it, and its path in the definition. A rule within a leaf has no parent. */
export function* walk(node, path = ["rule"], parent = null, index = 0) {
  yield { node, parent, index, path };
  if (isGroup(node)) for (const [place, child] of node.children.entries()) yield* walk(child, [...path, node.mode, place], node, place);
  else if (node.rule) yield* walk(node.rule, [...path, "rule"]);
}

export function place(root, id) {
  for (const found of walk(root)) if (found.node.id === id) return found;
  return null;
}

const holds = (node, id) => [...walk(node)].some((found) => found.node.id === id);

/* The group that holds the group `id`, with its place in it; null for the root and for a rule within a leaf. */
function above(root, id) {
  const found = place(root, id);
  return found?.parent ? found : null;
}

export function remove(root, id) {
  const { parent, index } = place(root, id);
  return parent.children.splice(index, 1)[0];
}

export function duplicate(root, id) {
  const { node, parent, index } = place(root, id);
  const copy = read(stored(node));
  parent.children.splice(index + 1, 0, copy);
  return copy;
}

/* Puts the node into `target` before the child at `index`; false where it would hold itself. */
export function moveTo(root, id, target, index) {
  const from = place(root, id);
  if (!from.parent || holds(from.node, target.id)) return false;
  const shift = from.parent === target && from.index < index ? 1 : 0;
  if (from.parent === target && from.index === index - shift) return false;
  from.parent.children.splice(from.index, 1);
  target.children.splice(index - shift, 0, from.node);
  return true;
}

/* Up (-1) or down (+1) among its neighbours; at the edge it leaves the group on that side. */
export function moveBy(root, id, step) {
  const { parent, index } = place(root, id);
  const next = index + step;
  if (next >= 0 && next < parent.children.length) return moveTo(root, id, parent, step < 0 ? next : next + 1);
  const outer = above(root, parent.id);
  return outer ? moveTo(root, id, outer.parent, step < 0 ? outer.index : outer.index + 1) : false;
}

export function moveOut(root, id) {
  const outer = above(root, place(root, id).parent.id);
  return outer ? moveTo(root, id, outer.parent, outer.index + 1) : false;
}

/* Into the group before it, else the one after it, else into a new group of its own. */
export function moveIn(root, id) {
  const { node, parent, index } = place(root, id);
  const [before, after] = [parent.children[index - 1], parent.children[index + 1]];
  if (before && isGroup(before)) return moveTo(root, id, before, before.children.length);
  if (after && isGroup(after)) return moveTo(root, id, after, 0);
  if (isGroup(node)) return false;
  parent.children[index] = group(parent.mode === "any" ? "all" : "any", [node]);
  return true;
}
