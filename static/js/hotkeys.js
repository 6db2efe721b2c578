/* Keys that work everywhere: Ctrl-K or / finds anything; [data-hotkey=x] presses a button or follows a link. */

import { composing } from "./composing.js";
import { open } from "./dialogs.js";

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

function find(event) {
  const finder = document.getElementById("finder");
  if (!finder) return;
  event.preventDefault();
  open(finder);
  const field = finder.querySelector("input");
  field.select();
  field.dispatchEvent(new Event("finder:open"));
}

document.addEventListener("keydown", (event) => {
  if (composing(event) || event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.code === "KeyK") return find(event);
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "/") return find(event);
  const match = [...document.querySelectorAll("[data-hotkey]")].find((element) => element.dataset.hotkey === event.key.toLowerCase());
  if (match) {
    event.preventDefault();
    match.click();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-search]") && !event.ctrlKey && !event.metaKey) find(event);
});
