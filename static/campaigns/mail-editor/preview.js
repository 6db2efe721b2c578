/* The right side of the editor: the mail as somebody gets it, the inbox line, the checks, the test mail. */

import { composing } from "../../js/composing.js";

const byId = (id) => document.getElementById(id);

/** Start the side; `state` answers content() and language(); `show` is called with the text made of the mail. */
export function startPreview(form, state, show) {
  let view = "desktop";
  let contact = "";
  let timer = 0;
  let asked = 0;
  const sent = byId("preview-form");

  const data = () => {
    const body = new FormData(sent);
    body.set("content", JSON.stringify(state.content()));
    body.set("kind", form.elements.kind.value);
    body.set("language", state.language());
    body.set("contact", contact);
    body.set("view", view === "desktop" || view === "phone" ? "html" : view);
    return body;
  };
  const ask = async (url) => {
    const response = await fetch(url, { method: "POST", body: data(), credentials: "same-origin" });
    return response.json();
  };

  async function refresh() {
    const mine = ++asked;
    for (const [name, value] of data()) if (sent.elements[name]) sent.elements[name].value = value;
    byId("mail-preview").parentNode.dataset.view = view;
    sent.submit();
    try {
      const found = await ask(form.dataset.examine);
      if (mine !== asked || !found.findings) return;
      byId("inbox-subject").textContent = found.inbox.subject;
      byId("inbox-preheader").textContent = found.inbox.preheader;
      drawFindings(form, found.findings);
      show(found.text);
    } catch {
      byId("test-answer").textContent = form.dataset.failed;
    }
  }
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, 500);
  };

  document.querySelectorAll("[data-view]").forEach((button) => button.tagName === "BUTTON" && button.addEventListener("click", () => {
    view = button.dataset.view;
    document.querySelectorAll("button[data-view]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    refresh();
  }));
  byId("test-mail").addEventListener("click", async (event) => {
    event.target.disabled = true;
    const answer = byId("test-answer");
    try {
      const found = await ask(form.dataset.test);
      answer.textContent = found.done || found.fault;
      answer.classList.toggle("is-bad", !found.done);
    } catch {
      answer.textContent = form.dataset.failed;
    }
    event.target.disabled = false;
  });
  startPeople(form, (person) => {
    contact = person ? String(person.id) : "";
    byId("preview-as").textContent = person ? person.note || "" : form.dataset.example;
    refresh();
  });
  return { later, refresh };
}

function drawFindings(form, findings) {
  const rows = findings.map((one) => {
    const row = document.createElement("li");
    row.className = `is-${one.severity}`;
    const place = [
      one.language.toUpperCase(),
      one.block ? `${form.dataset.block} ${one.block}` : "",
      one.line && one.part !== "html" ? `${form.dataset.line} ${one.line}` : "",
    ].filter(Boolean).join(" · ");
    const label = document.createElement("strong");
    label.textContent = one.label;
    const where = document.createElement("span");
    where.className = "me-hint";
    where.textContent = place;
    row.append(label, ` ${one.message} `, where);
    return row;
  });
  if (!rows.length) {
    const fine = document.createElement("li");
    fine.className = "is-good";
    fine.textContent = form.dataset.fine;
    rows.push(fine);
  }
  byId("findings").replaceChildren(...rows);
}

function startPeople(form, choose) {
  const input = byId("preview-person");
  const list = byId("preview-people");
  let asked = 0;
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  };
  const look = async () => {
    const mine = ++asked;
    const words = input.value.replace(/[\u3131-\u3163]+$/u, ""); // a lone jamo is a syllable still being typed
    try {
      const response = await fetch(`${form.dataset.people}?q=${encodeURIComponent(words)}`, { credentials: "same-origin" });
      const found = await response.json();
      if (mine !== asked) return;
      list.replaceChildren(...found.people.map((person) => option(person)));
      if (!found.people.length) list.append(Object.assign(document.createElement("li"), { textContent: form.dataset.none, className: "me-hint" }));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    } catch {
      close();
    }
  };
  const option = (person) => {
    const row = document.createElement("li");
    row.setAttribute("role", "option");
    row.tabIndex = -1;
    row.textContent = person.name;
    const note = document.createElement("span");
    note.className = "me-hint";
    note.textContent = ` ${person.note}`;
    row.append(note);
    const take = () => {
      input.value = person.name;
      close();
      choose(person);
    };
    row.addEventListener("click", take);
    row.addEventListener("keydown", (event) => event.key === "Enter" && take());
    return row;
  };
  input.addEventListener("input", () => (input.value ? look() : (close(), choose(null))));
  input.addEventListener("focus", look);
  input.parentNode.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    if (event.key === "Escape") close();
    if (event.key === "Enter") event.preventDefault();
    const rows = [...list.querySelectorAll("[role=option]")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !rows.length) return;
    event.preventDefault();
    const at = rows.indexOf(document.activeElement) + step;
    (rows[at] || (at < 0 ? input : rows[0])).focus();
  });
  document.addEventListener("click", (event) => event.target.closest(".me-combo") || close());
}
