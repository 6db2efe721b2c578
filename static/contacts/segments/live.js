/* What the rule means now: problems and sentence at once with an estimate, then the exact count and people, and overlap on request. */

import { about, stop, stopped } from "./asking.js";
import { say } from "./dom.js";

const WAIT_MS = 350;
const panel = document.getElementById("segment-live");
const part = (name) => panel.querySelector(`[data-part="${name}"]`);
let timer = 0;
let asked = "";

export const segmentOfPage = panel.dataset.segment ?? "";

function busy(on) {
  panel.toggleAttribute("data-busy", on);
  panel.setAttribute("aria-busy", String(on));
}

/* `found(problems)` is told what is wrong and where: [{ path, text }]. */
export function look(definition, found, wait = WAIT_MS) {
  clearTimeout(timer);
  ["check", "people"].forEach(stop);
  busy(true);
  timer = setTimeout(() => ask(definition, found), wait);
}

async function ask(definition, found) {
  asked = definition;
  try {
    const first = await about("check", definition, { segment: segmentOfPage });
    found(first.problems);
    show("summary", first.html);
    show("count", first.count);
    if (first.problems.length) return done(true);
    const rest = await about("people", definition, { segment: segmentOfPage });
    show("count", rest.count);
    show("people", rest.html);
    overlap();
    done(false);
  } catch (error) {
    if (stopped(error)) return;
    part("count").textContent = say("no_answer");
    done(true);
  }
}

function done(wrong) {
  busy(false);
  panel.toggleAttribute("data-wrong", wrong);
}

function show(name, html) {
  const box = part(name);
  const page = new DOMParser().parseFromString(html, "text/html");
  box.replaceChildren(...document.importNode(page.body, true).childNodes);
  if (name === "summary") return;
  box.querySelectorAll("[data-count]").forEach((shown) => { document.querySelectorAll("[data-count-copy]").forEach((copy) => { copy.textContent = shown.textContent; }); });
}

const chosen = panel.querySelector("[data-overlap]");
async function overlap() {
  const others = [...(chosen?.selectedOptions ?? [])].map((option) => option.value);
  if (!others.length || !asked) return part("overlap")?.replaceChildren();
  part("overlap").setAttribute("aria-busy", "true");
  try {
    show("overlap", (await about("overlap", asked, { with: others })).html);
  } catch (error) {
    if (!stopped(error)) part("overlap").textContent = say("no_answer");
  } finally { part("overlap").removeAttribute("aria-busy"); }
}
chosen?.addEventListener("change", overlap);
