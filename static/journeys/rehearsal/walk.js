/* One person's walk: choose her, see every stop with its mail, take another way, turn the clock. */

import { ask, byId, el, icon, page } from "../editor/dom.js";

const FIND_MS = 200;

export function walking(store, canvas) {
  const form = byId("je-walk-form");
  const search = byId("je-walk-search");
  const choices = byId("je-walk-choices");
  const clock = byId("je-walk-clock");
  const occasions = byId("je-walk-occasions");
  const words = form.dataset;
  let person = "invented";
  let chosen = {};
  let occasion = "";
  let found = null;
  let asked = 0;
  let timer = 0;

  form.addEventListener("submit", (event) => { event.preventDefault(); chosen = {}; occasion = ""; go(); });
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(find, FIND_MS); });
  search.addEventListener("focus", find);
  occasions.addEventListener("change", () => { occasion = occasions.value; go(); });
  clock.addEventListener("input", draw);
  store.addEventListener("changed", () => { if (found) byId("je-walk-old").hidden = false; });

  async function find() {
    const number = ++asked;
    const answer = await fetch(`${words.people}?q=${encodeURIComponent(search.value)}`, { credentials: "same-origin" }).then((one) => one.json()).catch(() => ({ people: [] }));
    if (number !== asked) return;
    choices.replaceChildren(...[{ id: "invented", name: words.invented, note: words.inventedNote }, ...answer.people].map((one) => {
      const made = el("button", { type: "button", class: "je-option", "aria-pressed": String(one.id === person) }, el("span", {}, one.name, el("small", {}, one.note ?? "")));
      made.addEventListener("click", () => { person = one.id; chosen = {}; occasion = ""; search.value = one.id === "invented" ? "" : one.name; go(); });
      return made;
    }));
  }

  async function go() {
    choices.replaceChildren();
    byId("je-walk-old").hidden = true;
    const { status, found: answer } = await ask("walk", { graph: store.graph, person, chosen, occasion });
    const box = byId("je-walk-error");
    box.hidden = status === 200;
    if (status !== 200) return box.replaceChildren(el("ul", {}, (answer.problems ?? [{ message: words.offline }]).map((problem) => el("li", {}, problem.message))));
    found = answer;
    const last = Math.ceil(Math.max(0, ...answer.stops.map((stop) => stop.after), answer.end.key ? 0 : answer.end.after)) + 1;
    clock.max = String(last);
    clock.value = String(last);
    draw();
  }

  function draw() {
    byId("je-walk-found").hidden = false;
    const until = Number(clock.value);
    byId("je-walk-day").textContent = words.day.replace("{n}", String(until));
    byId("je-walk-name").textContent = found.name;
    byId("je-walk-refused").hidden = !found.refused;
    byId("je-walk-why").textContent = found.refused;
    offer();
    const passed = found.stops.filter((stop) => stop.after <= until);
    const over = passed.length === found.stops.length && (found.end.key || found.end.after <= until);
    byId("je-walk-stops").replaceChildren(...passed.map(row), ...(over ? [ending()] : []));
    store.figures = new Map(passed.map((stop, number) => [stop.key, { badges: [`${number + 1}`], left: {}, hint: stop.arrived }]));
    store.tell("figured");
  }

  function offer() {
    byId("je-walk-occasion").hidden = !found.occasions.length;
    byId("je-walk-sample").hidden = !found.sample;
    occasions.replaceChildren(...found.occasions.map((one) => el("option", { value: one.id, selected: one.id === found.occasion }, one.said)));
  }

  function ending() {
    const { said, at, key } = found.end;
    return el("li", { class: "je-walk-end" }, el("strong", {}, said), el("small", {}, key ? "" : at));
  }

  function row(stop) {
    const head = el("button", { type: "button", class: "je-option" }, el("span", {}, stop.step, el("small", {}, stop.arrived)));
    head.addEventListener("click", () => canvas.put(stop.key));
    return el("li", {}, head, stop.outlets.length ? ways(stop) : null, stop.mail ? mail(stop) : null);
  }

  function ways(stop) {
    const select = el("select", { class: "form-select", "aria-label": words.way }, stop.outlets.map((outlet) => el("option", { value: outlet.key, selected: outlet.key === stop.outlet }, outlet.label)));
    select.addEventListener("change", () => { chosen = { ...chosen, [stop.key]: select.value }; go(); });
    return el("label", { class: "je-walk-way" }, icon("arrow-right"), select);
  }

  function mail(stop) {
    if (stop.left_out) return el("p", { class: "wf-hint" }, words.leftOut.replace("{reason}", stop.left_out));
    const source = `${page.dataset.doors.replace("change", "walk-mail")}?${new URLSearchParams(stop.mail)}`;
    const shown = el("details", { class: "je-walk-mail" }, el("summary", {}, words.mail));
    shown.addEventListener("toggle", () => {
      if (!shown.open || shown.querySelector("iframe")) return;
      shown.append(el("p", { class: "je-walk-subject" }), el("iframe", { src: source, sandbox: "allow-popups", title: words.mail }));
      subject(source, shown.querySelector("p"));
    });
    return shown;
  }

  /* What her inbox shows; a mail that cannot be drawn says so in its own frame. */
  async function subject(source, place) {
    const answer = await fetch(`${source}&only=subject`, { credentials: "same-origin" }).catch(() => null);
    if (answer?.headers.get("Content-Type") === "application/json") place.textContent = (await answer.json()).subject;
  }
}
