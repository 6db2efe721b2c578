/* Questions to the server about the rule; the newest question of a name stops the older one. */

const places = document.getElementById("segment-builder").dataset;
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const inFlight = new Map();

async function ask(name, url, options) {
  inFlight.get(name)?.abort();
  const mine = new AbortController();
  inFlight.set(name, mine);
  const answer = await fetch(url, { ...options, signal: mine.signal, credentials: "same-origin" });
  if (answer.redirected || !(answer.headers.get("content-type") ?? "").includes("json")) throw new Error(`status ${answer.status}`);
  return answer.json();
}

export const stopped = (error) => error.name === "AbortError";
export const stop = (name) => inFlight.get(name)?.abort();

/* part: "check", "people" or "overlap" (see views/live.py). */
export function about(part, definition, more = {}) {
  const body = new FormData();
  body.append("definition", definition);
  for (const [key, value] of Object.entries(more)) [value].flat().forEach((one) => body.append(key, one));
  return ask(part, `${places.live}${part}/`, { method: "POST", body, headers: { "X-CSRFToken": token } });
}

/* Values that people really have: [{ value, label, count }]. `keys` asks for the words of known values instead. */
export function suggest(name, query) {
  const url = new URL(places.suggest, location.href);
  for (const [key, value] of Object.entries(query)) [value].flat().forEach((one) => url.searchParams.append(key, one));
  return ask(`suggest ${name}`, url, {});
}
