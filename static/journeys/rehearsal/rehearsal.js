/* The rehearsal panel: ask for the last days, watch how far it is, numbers on the cards, and some people's ways. */

import { ask, byId, el } from "../editor/dom.js";
import { walking } from "./walk.js";

const LOOK_MS = 700;

export function rehearsing(store, canvas) {
  const panel = byId("je-rehearsal");
  const form = byId("je-rehearsal-form");
  const found = byId("je-rehearsal-found");
  let timer = 0;
  let last = null;

  byId("je-rehearsal-button").addEventListener("click", () => (panel.hidden ? open() : close()));
  byId("je-rehearsal-close").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); begin(); });
  byId("je-rehearsal-stop").addEventListener("click", async () => { await ask("rehearsal-stop", {}); look(); });
  store.addEventListener("changed", () => { if (last?.sentences) byId("je-rehearsal-old").hidden = false; });

  walking(store, canvas);
  const tabs = [...panel.querySelectorAll("[role=tab]")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", (event) => {
      if (["ArrowLeft", "ArrowRight"].includes(event.key)) { const other = tabs[1 - tabs.indexOf(tab)]; select(other); other.focus(); }
    });
  }

  function select(tab) {
    for (const one of tabs) {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
      byId(one.getAttribute("aria-controls")).hidden = one !== tab;
    }
    figure(tab === tabs[0] && last?.steps ? last.steps : null);
  }

  async function open() {
    byId("je-panel-close").click();
    panel.hidden = false;
    form.querySelector("select").focus();
    await look();
  }

  function close() {
    panel.hidden = true;
    clearTimeout(timer);
    figure(null);
    byId("je-rehearsal-button").focus();
  }

  async function begin() {
    byId("je-rehearsal-old").hidden = true;
    const { status, found: answer } = await ask("rehearse", { graph: store.graph, days: Number(form.elements.days.value) });
    if (status === 200) return show(answer);
    fail(answer.problems?.map((problem) => problem.message) ?? [byId("je-rehearsal-error").dataset.offline]);
  }

  async function look() {
    clearTimeout(timer);
    const { status, found: answer } = await ask("rehearsal");
    if (panel.hidden) return;
    if (status === 200) show(answer);
    else timer = setTimeout(look, LOOK_MS * 4);
  }

  function show(answer) {
    last = answer;
    const working = ["waiting", "running"].includes(answer.state);
    byId("je-rehearsal-progress").hidden = !working;
    byId("je-rehearsal-share").value = answer.share ?? 0;
    form.querySelector("button").disabled = working;
    fail(answer.error ? [answer.error] : []);
    found.hidden = !answer.sentences;
    if (answer.sentences) tell(answer);
    if (working) timer = setTimeout(look, LOOK_MS);
  }

  function fail(messages) {
    const box = byId("je-rehearsal-error");
    box.hidden = messages.length === 0;
    box.replaceChildren(el("ul", {}, messages.map((message) => el("li", {}, message))));
  }

  function tell(answer) {
    byId("je-rehearsal-asked").textContent = answer.asked;
    byId("je-rehearsal-sentences").replaceChildren(...answer.sentences.map((sentence) => el("p", {}, sentence)));
    byId("je-rehearsal-ways").replaceChildren(...answer.ways.map(way));
    byId("je-rehearsal-nobody").hidden = answer.ways.length > 0;
    figure(answer.steps);
  }

  function figure(steps) {
    store.figures = new Map(Object.entries(steps ?? {}).map(([key, step]) => [key, { badges: step.badges, left: step.left, hint: step.out.join("\n") }]));
    store.tell("figured");
  }

  function way({ name, url, stops }) {
    const rows = stops.map((stop) => el("li", {}, el("button", { type: "button", class: "je-option", "data-key": stop.key }, el("span", {}, stop.step, el("small", {}, [stop.left, stop.outlet].filter(Boolean).join(" · "))))));
    const made = el("details", {}, el("summary", {}, name), el("ol", { class: "je-way" }, rows), el("a", { href: url, target: "_blank", rel: "noopener" }, byId("je-rehearsal-ways").dataset.open));
    made.addEventListener("click", (event) => {
      const key = event.target.closest("[data-key]")?.dataset.key;
      if (key) canvas.put(key);
    });
    return made;
  }
}
