/* The drawing as plain JSON (docs/journeys.md), and what can be done to it. Every verb changes the graph it is given. */

const FORBIDDEN_IN_KEY = /[^a-z0-9_]/g;
const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

export const stepOf = (graph, key) => graph.steps.find((step) => step.key === key);
export const linkOf = (graph, from, outlet) => graph.links.find((link) => link.from === from && link.outlet === outlet);
export const linksFrom = (graph, key) => graph.links.filter((link) => link.from === key);
export const linksInto = (graph, key) => graph.links.filter((link) => link.to === key);

/* A key that was never used here: keys of deleted steps live on in the numbers of older versions. */
export function freshKey(graph, kind) {
  const taken = new Set([...graph.steps, ...graph.triggers, ...graph.notes].map((one) => one.key));
  const stem = kind.replace(FORBIDDEN_IN_KEY, "_").slice(0, 30);
  for (;;) {
    const tail = [...crypto.getRandomValues(new Uint8Array(5))].map((byte) => letters[byte % letters.length]).join("");
    if (!taken.has(`${stem}_${tail}`)) return `${stem}_${tail}`;
  }
}

/* --- places ---------------------------------------------------------------------------------------------------------- */
export const at = (graph, lane, row, column, besides = new Set()) =>
  graph.steps.find((step) => step.lane === lane && step.row === row && step.column === column && !besides.has(step.key));

/* The place itself, or the next free one to its right. */
export function freePlace(graph, { lane, row, column }, besides) {
  let free = Math.max(0, column);
  while (at(graph, lane, row, free, besides)) free += 1;
  return { lane, row: Math.max(0, row), column: free };
}

/* Makes room: everything at `row` and below goes one row down. */
export function pushDown(graph, row) {
  for (const one of [...graph.steps, ...graph.notes]) if (one.row >= row) one.row += 1;
}

export function move(graph, keys, { lanes, row, column }) {
  const moving = new Set(keys);
  for (const key of keys) {
    const step = stepOf(graph, key);
    const wished = { lane: lanes(step.lane), row: Math.max(0, step.row + row), column: Math.max(0, step.column + column) };
    Object.assign(step, freePlace(graph, wished, moving));
    moving.delete(key);
  }
}

/* --- steps and links --------------------------------------------------------------------------------------------------- */
export function addStep(graph, kind, place) {
  const step = { key: freshKey(graph, kind.key), kind: kind.key, settings: structuredClone(kind.settings), ...freePlace(graph, place) };
  graph.steps.push(step);
  if (!graph.first) graph.first = step.key;
  return step;
}

/* `from` "" is the start. An outlet has one link: a new one takes the place of the old. */
export function connect(graph, from, outlet, to) {
  if (!from) { graph.first = to; return; }
  graph.links = graph.links.filter((link) => !(link.from === from && link.outlet === outlet));
  if (to) graph.links.push({ from, outlet, to });
}

/* A new step between an outlet and where it leads; `usual` is the outlet by which people go on from it. */
export function insertAt(graph, kind, from, outlet) {
  const target = from ? linkOf(graph, from, outlet)?.to : graph.first;
  const source = from ? stepOf(graph, from) : null;
  const next = target ? stepOf(graph, target) : null;
  const place = placeBetween(graph, source, next, outlet);
  const step = addStep(graph, kind, place);
  connect(graph, from, outlet, step.key);
  const usual = kind.outlets[0]?.key;
  if (next && usual) connect(graph, step.key, usual, next.key);
  return step;
}

function placeBetween(graph, source, next, outlet) {
  if (!next) {
    if (!source) return { lane: "", row: 0, column: 0 };
    const ways = linksFrom(graph, source.key).filter((link) => link.outlet !== outlet).length;
    return { lane: source.lane, row: source.row + 1, column: source.column + ways };
  }
  const row = source ? source.row + 1 : 0;
  const free = row < next.row && !at(graph, next.lane, row, next.column);
  if (!free && (!source || next.row > source.row)) pushDown(graph, next.row);
  return { lane: next.lane, row: free ? row : Math.max(row, next.row - 1), column: next.column };
}

/* Takes steps away; who led to one is led on to where its first connected outlet led. */
export function remove(graph, keys, outletsOf) {
  for (const key of keys) {
    const ways = outletsOf(key).map((outlet) => linkOf(graph, key, outlet)?.to);
    const onward = ways.find((to) => to && to !== key && stepOf(graph, to)) ?? "";
    for (const link of linksInto(graph, key)) link.to = onward === link.from ? "" : onward;
    if (graph.first === key) graph.first = onward;
    graph.links = graph.links.filter((link) => link.from !== key && link.to);
    graph.steps = graph.steps.filter((step) => step.key !== key);
  }
}

/* Everything that comes after a step, itself first. */
export function branch(graph, key) {
  const found = new Set();
  const ahead = [key];
  while (ahead.length) {
    const next = ahead.shift();
    if (found.has(next) || !stepOf(graph, next)) continue;
    found.add(next);
    ahead.push(...linksFrom(graph, next).map((link) => link.to), ...jumps(stepOf(graph, next)));
  }
  return [...found];
}

/* Where a jump leads, which no link shows. */
const jumps = (step) => (step.kind === "jump" && step.settings.to ? [step.settings.to] : []);

/* --- copying ----------------------------------------------------------------------------------------------------------- */
export function copied(graph, keys) {
  const within = new Set(keys);
  return {
    wayfare: "journey-steps",
    steps: graph.steps.filter((step) => within.has(step.key)),
    links: graph.links.filter((link) => within.has(link.from) && within.has(link.to)),
  };
}

export const isCopied = (clip) => clip?.wayfare === "journey-steps" && Array.isArray(clip.steps) && Array.isArray(clip.links) && clip.steps.length > 0;

/* Puts copied steps below `row`, with new keys, their links among each other kept. Returns the new keys. */
export function paste(graph, clip, row) {
  const top = Math.min(...clip.steps.map((step) => step.row));
  const names = new Map();
  for (const original of clip.steps) {
    const step = structuredClone(original);
    step.key = freshKey(graph, step.kind);
    names.set(original.key, step.key);
    Object.assign(step, freePlace(graph, { lane: step.lane, row: row + step.row - top, column: step.column }));
    graph.steps.push(step);
    if (!graph.first) graph.first = step.key;
  }
  const fresh = new Set(names.values());
  for (const step of graph.steps) if (fresh.has(step.key)) step.settings = renamed(step.settings, names);
  for (const link of clip.links) {
    const [from, to] = [names.get(link.from), names.get(link.to)];
    if (from && to) graph.links.push({ from, outlet: link.outlet, to });
  }
  return [...names.values()];
}

/* Settings that name a step which was copied too (a jump, the mail that is waited for) name its copy. */
const renamed = (settings, names) => Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, names.get(value) ?? value]));
