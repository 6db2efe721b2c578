/* The mail editor: two languages, blocks or source, saved as one JSON field. Started by template_editor.html. */

import { fillList, readList, showThumb, startBlocks } from "./blocks.js";
import { startPreview } from "./preview.js";
import { startWords } from "./words.js";

const form = document.getElementById("mail-form");
const data = JSON.parse(document.getElementById("mail-data").textContent);
const panels = new Map([...form.querySelectorAll("[data-language]")].map((panel) => [panel.dataset.language, panel]));
let language = data.default;
let touched = false;
let made = "";

const part = (panel, selector) => panel.querySelector(selector);
const isWritten = (panel) => part(panel, ".me-absent").hidden;

function fillPanel(panel, variant) {
  part(panel, ".me-absent").hidden = Boolean(variant);
  part(panel, ".me-present").hidden = !variant;
  if (!variant) return;
  part(panel, "[data-line=subject]").value = variant.subject || "";
  part(panel, "[data-line=preheader]").value = variant.preheader || "";
  part(panel, "[data-source]").value = variant.kind || "blocks";
  part(panel, "[data-code]").value = variant.source || "";
  part(panel, "[data-text]").value = variant.text || "";
  const blocks = variant.blocks || [{ kind: "footer" }];
  fillList(part(panel, "[data-blocks-part] > [data-list=blocks]"), blocks.filter((block) => block.kind !== "footer"));
  fillList(part(panel, "[data-list=footer]"), blocks.filter((block) => block.kind === "footer").slice(-1));
  showSource(panel);
}

function showSource(panel) {
  const blocks = part(panel, "[data-source]").value === "blocks";
  part(panel, "[data-blocks-part]").hidden = !blocks;
  part(panel, "[data-source-part]").hidden = blocks;
}

function readPanel(panel) {
  const kind = part(panel, "[data-source]").value;
  const variant = {
    subject: part(panel, "[data-line=subject]").value,
    preheader: part(panel, "[data-line=preheader]").value,
    kind,
    text: part(panel, "[data-text]").value,
  };
  if (kind === "blocks") {
    const lists = ["[data-blocks-part] > [data-list=blocks]", "[data-list=footer]"];
    variant.blocks = lists.flatMap((list) => readList(part(panel, list)));
  } else {
    variant.source = part(panel, "[data-code]").value;
  }
  return variant;
}

function content() {
  const written = [...panels].filter(([, panel]) => isWritten(panel));
  return {
    default: document.getElementById("mail-default").value,
    accent: document.getElementById("mail-accent").value,
    languages: Object.fromEntries(written.map(([code, panel]) => [code, readPanel(panel)])),
  };
}

function showLanguage(code) {
  language = code;
  for (const [other, panel] of panels) panel.hidden = other !== code;
  for (const tab of form.querySelectorAll("[data-show-language]")) tab.setAttribute("aria-pressed", String(tab.dataset.showLanguage === code));
  const choices = document.getElementById("mail-default");
  for (const choice of choices.options) choice.disabled = !isWritten(panels.get(choice.value));
  if (choices.selectedOptions[0]?.disabled) choices.value = [...panels].find(([, panel]) => isWritten(panel))?.[0] || code;
}

async function upload(input) {
  const block = input.closest(".me-block");
  const answer = block.querySelector("[data-upload-answer]");
  const body = new FormData();
  body.set("file", input.files[0]);
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  answer.textContent = form.dataset.busy;
  try {
    const response = await fetch(form.dataset.picture, { method: "POST", body, credentials: "same-origin" });
    const found = await response.json();
    answer.textContent = found.fault || found.name;
    if (found.src) block.querySelector("[data-key=src]").value = found.src;
    showThumb(block);
    preview.later();
  } catch {
    answer.textContent = form.dataset.failed;
  }
}

for (const [code, panel] of panels) fillPanel(panel, data.languages?.[code]);
document.getElementById("mail-default").value = data.default;
document.getElementById("mail-accent").value = data.accent || "#1f6feb";
startBlocks(form);
startWords(form);
const state = { content, language: () => (isWritten(panels.get(language)) ? language : document.getElementById("mail-default").value) };
const preview = startPreview(form, state, (text) => { made = text; });
showLanguage(language);
preview.refresh();

form.addEventListener("input", (event) => {
  if (event.target.matches("[data-upload]")) return;
  touched = true;
  if (event.target.matches("[data-source]")) showSource(event.target.closest("[data-language]"));
  if (event.target.matches("[data-key=src]")) showThumb(event.target.closest(".me-block"));
  if (!event.target.closest(".me-side")) preview.later();
});
form.addEventListener("change", (event) => event.target.matches("[data-upload]") && event.target.files[0] && upload(event.target));
form.addEventListener("click", (event) => {
  const panel = event.target.closest("[data-language]");
  const tab = event.target.closest("[data-show-language]");
  if (tab) {
    showLanguage(tab.dataset.showLanguage);
    preview.refresh();
  } else if (event.target.closest("[data-add-language]")) {
    const other = [...panels.values()].find(isWritten);
    fillPanel(panel, other ? readPanel(other) : { blocks: [{ kind: "footer" }] });
    showLanguage(language);
    preview.later();
  } else if (event.target.closest("[data-drop-language]") && [...panels.values()].filter(isWritten).length > 1) {
    fillPanel(panel, null);
    showLanguage(language);
    preview.later();
  } else if (event.target.closest("[data-take-text]")) {
    part(panel, "[data-text]").value = made;
    preview.later();
  }
});
form.addEventListener("submit", () => {
  document.getElementById("mail-content").value = JSON.stringify(content());
  touched = false;
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input[type=text]")) event.preventDefault(); // Enter in a field saves nothing
});
window.addEventListener("beforeunload", (event) => touched && event.preventDefault());
