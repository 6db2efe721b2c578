/* The whole canvas, small, with what is seen of it; a press there leads there. */

import { byId } from "./dom.js";

const NS = "http://www.w3.org/2000/svg";

export function mapping(store, canvas) {
  const map = byId("je-map");
  const seen = document.createElementNS(NS, "rect");
  seen.setAttribute("class", "je-map-seen");

  function rect(box, name) {
    const made = document.createElementNS(NS, "rect");
    made.setAttribute("class", name);
    for (const key of ["x", "y", "width", "height"]) made.setAttribute(key, box[key]);
    return made;
  }

  function draw() {
    const { width, height } = canvas.geometry;
    map.setAttribute("viewBox", `0 0 ${width} ${height}`);
    map.replaceChildren(...canvas.geometry.lanes.map((lane, number) => rect({ x: lane.x, y: 0, width: lane.width, height }, `je-map-lane${number % 2 ? " is-odd" : ""}`)),
      ...store.graph.steps.map((step) => rect(canvas.geometry.box(step), `je-map-card${store.problemsAt(step.key).some((problem) => problem.severity === "error") ? " is-wrong" : ""}`)), seen);
    look();
  }

  function look() {
    const { view, zoom } = canvas;
    const box = { x: view.scrollLeft / zoom, y: view.scrollTop / zoom, width: view.clientWidth / zoom, height: view.clientHeight / zoom };
    for (const key of ["x", "y", "width", "height"]) seen.setAttribute(key, box[key]);
  }

  function lead(event) {
    const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
    canvas.view.scrollTo(spot.x * canvas.zoom - canvas.view.clientWidth / 2, spot.y * canvas.zoom - canvas.view.clientHeight / 2);
  }

  map.addEventListener("pointerdown", (event) => { map.setPointerCapture(event.pointerId); lead(event); });
  map.addEventListener("pointermove", (event) => { if (event.buttons) lead(event); });
  canvas.view.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(canvas.view);
  store.addEventListener("drawn", draw);
  draw();
}
