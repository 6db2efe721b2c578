/* Fields edited where they stand: the form that comes in has the focus, and Escape puts the value back. */

import { composing } from "../js/composing.js";

document.body.addEventListener("htmx:afterSwap", (event) => {
  const form = event.target.querySelector?.("#fact-form");
  form?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || composing(event)) return;
  event.target.closest?.("#fact-form")?.querySelector("[data-escape]")?.click();
});
