/* From places in the grid to pixels of the canvas, and back. Lanes are as wide as their columns. */

export const CARD = { width: 232, height: 116 };
export const CELL = { width: 268, height: 192 };
const LANE = { pad: 18, empty: 148, head: 40 };
export const START = { width: 232, height: 76 };
const TOP = LANE.head + 18 + START.height + 72;
const TRACKS = 7; // lines side by side in the gap between two rows
const LOWEST = 2; // rows below the last step that stay free to drop on

export class Geometry {
  /* lanes: [{ key, label }]; `room` is a lane that shall have one more column free (something is dragged over it). */
  constructor(lanes, graph) {
    const used = new Map();
    for (const one of [...graph.steps, ...graph.notes]) used.set(one.lane, Math.max(used.get(one.lane) ?? 0, one.column + 1));
    const gone = [...used.keys()].filter((key) => !lanes.some((lane) => lane.key === key)).map((key) => ({ key, label: key, gone: true }));
    let x = 0;
    this.lanes = [...lanes, ...gone].map((lane) => {
      const columns = used.get(lane.key) ?? 0;
      const width = columns ? columns * CELL.width + LANE.pad * 2 - (CELL.width - CARD.width) : LANE.empty;
      const placed = { ...lane, x, width, columns };
      x += width;
      return placed;
    });
    const rows = Math.max(0, ...[...graph.steps, ...graph.notes].map((one) => one.row + 1));
    this.width = x;
    this.height = TOP + (rows + LOWEST) * CELL.height;
    this.first = graph.first;
  }

  lane(key) { return this.lanes.find((lane) => lane.key === key); }

  box({ lane, row, column }) {
    return { x: this.lane(lane).x + LANE.pad + column * CELL.width, y: TOP + row * CELL.height, ...CARD };
  }

  start(graph) {
    const first = graph.steps.find((step) => step.key === graph.first);
    const x = first ? this.box(first).x : this.lanes[0].x + LANE.pad;
    return { x, y: LANE.head + 18, ...START };
  }

  /* The place at a point of the canvas. */
  place(x, y) {
    const lane = this.lanes.find((one) => x < one.x + one.width) ?? this.lanes.at(-1);
    const column = Math.max(0, Math.floor((x - lane.x - LANE.pad + (CELL.width - CARD.width) / 2) / CELL.width));
    return { lane: lane.key, row: Math.max(0, Math.floor((y - TOP + (CELL.height - CARD.height) / 2) / CELL.height)), column: Math.min(column, lane.columns) };
  }
}

/* Where an outlet's dot is: along the lower edge of the card. */
export const port = (box, number, count) => ({ x: box.x + (box.width * (number + 0.5)) / count, y: box.y + box.height });

/* Connections that go across in the same gap, each with a track of its own there, from the left: else all would lie in
   one line, and nobody could tell which leads where. */
export function tracks(links) {
  const taken = new Map();
  return [...links].sort((a, b) => a.dot.x - b.dot.x).map((link) => {
    const track = taken.get(link.dot.y) ?? 0;
    if (Math.abs(link.box.x + link.box.width / 2 - link.dot.x) >= 1) taken.set(link.dot.y, track + 1);
    return [link, track];
  });
}

/* The corners of a connection: down out of the card, across in the gap between rows, down into the next. */
export function corners(from, box, track = 0) {
  const to = { x: box.x + box.width / 2, y: box.y };
  const gap = CELL.height - CARD.height;
  const low = from.y + gap / 2 - 8 + (track % TRACKS) * 4;
  if (Math.abs(to.y - from.y - gap) < 2 || (to.y > from.y && to.y - from.y <= gap + 2)) return [from, { x: from.x, y: low }, { x: to.x, y: low }, to];
  const side = to.x >= from.x || to.y < from.y ? 1 : -1;
  const channel = (to.y < from.y ? Math.max(from.x, to.x) : to.x) + side * (CELL.width / 2 - 6 + (track % 3) * 4);
  const high = to.y - gap / 2 + 10;
  return [from, { x: from.x, y: low }, { x: channel, y: low }, { x: channel, y: high }, { x: to.x, y: high }, to];
}

/* An SVG path through the corners, each rounded. */
export function path(points) {
  const parts = [`M${points[0].x} ${points[0].y}`];
  for (let at = 1; at < points.length - 1; at += 1) {
    const [before, here, after] = [points[at - 1], points[at], points[at + 1]];
    const radius = Math.min(10, length(before, here) / 2, length(here, after) / 2);
    const [a, b] = [toward(here, before, radius), toward(here, after, radius)];
    parts.push(`L${a.x} ${a.y}Q${here.x} ${here.y} ${b.x} ${b.y}`);
  }
  parts.push(`L${points.at(-1).x} ${points.at(-1).y}`);
  return parts.join("");
}

const length = (a, b) => Math.hypot(b.x - a.x, b.y - a.y);

function toward(from, to, distance) {
  const whole = length(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * distance) / whole, y: from.y + ((to.y - from.y) * distance) / whole };
}

/* How far a point is from a line of corners. */
export function distance(points, spot) {
  let least = Infinity;
  for (let at = 1; at < points.length; at += 1) {
    const [a, b] = [points[at - 1], points[at]];
    const span = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
    const along = span ? Math.max(0, Math.min(1, ((spot.x - a.x) * (b.x - a.x) + (spot.y - a.y) * (b.y - a.y)) / span)) : 0;
    least = Math.min(least, Math.hypot(spot.x - a.x - along * (b.x - a.x), spot.y - a.y - along * (b.y - a.y)));
  }
  return least;
}
