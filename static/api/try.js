// Sends what stands in a form of the documentation as the signed-in reader, and shows the answer.
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

async function send(form) {
  const data = new FormData(form);
  const path = form.dataset.path.replace(/\{(\w+)\}/g, (_all, name) => encodeURIComponent(data.get(name)));
  const query = data.get("query") ? `?${data.get("query")}` : "";
  const headers = { "X-CSRFToken": token() };
  const body = data.get("body") || undefined;
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path + query, { method: form.dataset.try, headers, body });
  const text = await answer.text();
  return `${answer.status} ${answer.statusText}\n${pretty(text)}`;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-try]");
  if (!form) return;
  event.preventDefault();
  const shown = form.querySelector("[data-answer]");
  shown.hidden = false;
  shown.textContent = "…";
  try {
    shown.textContent = await send(form);
  } catch (error) {
    shown.textContent = String(error);
  }
});
