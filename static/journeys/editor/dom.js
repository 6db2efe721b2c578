/* The editor's words, from the page's JSON; answers of the server; what is said to screen readers. */

import { el, icon } from "../../js/elements.js";

export { el, icon };
export const byId = (id) => document.getElementById(id);
export const page = byId("journey-editor");

const words = JSON.parse(byId("journey-words").textContent);

/* say("added", { name }) fills {name}; a key that is not there is a fault and throws. */
export function say(key, facts = {}) {
  if (!(key in words)) throw new Error(`no words for "${key}"`);
  return words[key].replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
}

export function announce(text) {
  const spoken = byId("je-spoken");
  spoken.textContent = "";
  requestAnimationFrame(() => { spoken.textContent = text; });
}

/* That of the cookie: a log-in in another tab makes a new one. */
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? page.dataset.token;

/* The one way to the server: JSON there and back. `status` is 0 when nobody answered. */
export async function ask(part, body) {
  const options = { credentials: "same-origin", headers: { "X-CSRFToken": token() } };
  if (body !== undefined) Object.assign(options, { method: "POST", body: JSON.stringify(body) });
  try {
    const answer = await fetch(page.dataset.doors.replace("change", part), options);
    if (answer.redirected || answer.status === 403) return { status: 401, found: {} }; // to the log-in
    const isJson = (answer.headers.get("content-type") ?? "").includes("json");
    if (isJson) return { status: answer.status, found: await answer.json() };
    return { status: answer.status < 500 ? 400 : 0, found: { problems: [{ message: `${answer.status} ${answer.statusText}` }] } };
  } catch {
    return { status: 0, found: {} };
  }
}
