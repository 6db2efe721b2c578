/* Starts what every page has: toasts, dialogs, hotkeys, search fields. Loaded as a module; each part stands alone. */

import "./copy.js";
import "./dialogs.js";
import "./hotkeys.js";
import "./search.js";
import "./toasts.js";

/* Where tabs are wider than the screen, the one that is open is seen. */
document.querySelectorAll(".wf-tabs [aria-current=page]").forEach((tab) => {
  tab.scrollIntoView({ block: "nearest", inline: "center" });
});

/* What a phone shows only when it is asked for. */
if (matchMedia("(max-width: 47.99rem)").matches) {
  document.querySelectorAll("details[data-fold-on-phone]").forEach((part) => { part.open = false; });
}
