/* Search fields that follow an input method: <input data-search="URL" data-search-target="#here" [data-search-part="#there"]
   [data-search-keep]>. It asks during composition too, the latest request wins, the focused input is never swapped, a trailing
   lone jamo is ignored, and a half syllable that finds nobody keeps the last results. With data-search-keep the address of the
   page follows, so that it can be shared. The answer may be a whole page: only `part` (default: target) is taken from it. */

import { composing } from "./composing.js";

const RESULTS = "a[href], button.wf-result";
const WAIT_MS = 120;
const LONE_JAMO = /[\u1100-\u11ff\u3131-\u318e]+$/;
const ONLY_CONSONANTS = /^[\u3131-\u314e\s]+$/;

/* What is searched for: 김ㅊ becomes 김, but ㄱㅊㅅ stays, since it is a search by initial consonants. */
export function wanted(value) {
  const text = value.normalize("NFC").trim();
  return ONLY_CONSONANTS.test(text) ? text.replace(/\s+/g, "") : text.replace(LONE_JAMO, "").trim();
}

class SearchField {
  constructor(input) {
    this.input = input;
    this.asked = wanted(input.value);
    this.inFlight = null;
    this.timer = 0;
    this.composing = false; // a syllable is being put together
    this.shown = this.asked; // what the results on the page are of
    this.held = false; // the last answer was not shown, because a half syllable found nobody
    input.addEventListener("input", () => this.soon());
    input.addEventListener("compositionstart", () => { this.composing = true; });
    input.addEventListener("compositionend", () => { this.composing = false; this.soon(); });
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("finder:open", () => { this.asked = null; this.ask(); });
  }

  get target() { return document.querySelector(this.input.dataset.searchTarget); }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  address(text) {
    const url = new URL(this.input.dataset.search || location.href, location.href);
    if (this.input.dataset.searchKeep !== undefined) new URLSearchParams(location.search).forEach((v, k) => url.searchParams.set(k, v));
    for (const cursor of ["after", "cursor", "page"]) url.searchParams.delete(cursor);
    if (text) url.searchParams.set(this.input.name, text);
    else url.searchParams.delete(this.input.name);
    return url;
  }

  async ask() {
    const text = wanted(this.input.value);
    if (text === this.asked && this.inFlight === null && !this.held) return;
    this.inFlight?.abort();
    const mine = new AbortController();
    this.inFlight = mine;
    this.asked = text;
    this.target?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(this.address(text), { signal: mine.signal, headers: { "X-Search": "1" }, credentials: "same-origin" });
      const html = await answer.text();
      if (answer.ok && !answer.redirected) this.show(html, text);
      else location.assign(this.address(text));
    } catch (error) {
      if (error.name !== "AbortError") this.target?.setAttribute("data-offline", "");
    } finally {
      if (mine === this.inFlight) {
        this.inFlight = null;
        this.target?.removeAttribute("aria-busy");
      }
    }
  }

  show(html, text) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const part = page.querySelector(this.input.dataset.searchPart || this.input.dataset.searchTarget);
    const target = this.target;
    if (!part || !target || target.contains(this.input)) return;
    this.held = this.composing && part.dataset.count === "0" && target.childElementCount > 0 && (this.shown !== "" || this.input.dataset.searchKeep !== undefined);
    if (this.held) return;
    this.shown = text;
    target.replaceChildren(...(part.matches(this.input.dataset.searchTarget) ? part.childNodes : [part]));
    window.htmx?.process(target);
    if (this.input.dataset.searchKeep === undefined) return;
    history.replaceState(history.state, "", this.address(text));
    follow(page);
  }

  key(event) {
    if (composing(event)) {
      if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
      return event.stopPropagation();
    }
    if (event.key === "Enter") this.enter(event);
    if (event.key === "ArrowDown") this.links()[0]?.focus();
  }

  /* A list asks at once; the finder opens its first result, or goes to the search page when there is none yet. */
  enter(event) {
    if (this.input.dataset.searchKeep !== undefined) {
      event.preventDefault();
      clearTimeout(this.timer);
      this.ask();
    } else if (this.inFlight === null && this.asked === wanted(this.input.value) && this.links().length) {
      event.preventDefault();
      this.links()[0].click();
    }
  }

  links() { return [...(this.target?.querySelectorAll(RESULTS) ?? [])]; }
}

/* What a list says elsewhere of its results (how many, where to export them) goes with them: [data-search-follows] by id. */
function follow(page) {
  for (const shown of document.querySelectorAll("[data-search-follows]")) {
    const fresh = page.getElementById(shown.id);
    if (!fresh) continue;
    const follower = document.importNode(fresh, true);
    shown.replaceWith(follower);
    window.htmx?.process(follower);
  }
}

const fields = new WeakMap();

function start(root) {
  root.querySelectorAll("input[data-search]").forEach((input) => {
    if (fields.has(input)) return;
    fields.set(input, new SearchField(input));
  });
}

/* Up and down walk through results; typing goes back to the field. */
document.addEventListener("keydown", (event) => {
  if (composing(event) || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const list = event.target.closest(".wf-results");
  if (!list || !event.target.matches(RESULTS)) return;
  const links = [...list.querySelectorAll(RESULTS)];
  const next = links[links.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
  event.preventDefault();
  (next ?? list.closest("dialog")?.querySelector("input"))?.focus();
});

start(document);
document.addEventListener("htmx:load", (event) => start(event.target));
