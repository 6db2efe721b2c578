/* Publishing: first everything is saved, then the server says what stands in the way, what changes, and whom it moves. */

import { open } from "../../js/dialogs.js";
import { byId, page, say } from "./dom.js";
import { toast } from "../../js/toasts.js";

export function publishing(panel, saving) {
  const dialog = byId("je-publish");
  const body = byId("je-publish-body");

  byId("je-publish-button").addEventListener("click", async () => {
    await panel.flush();
    const saved = saving.unsaved || saving.busy ? await saving.save() : !saving.stale;
    if (!saved) return toast(say("save_first"), "error");
    show(await fetch(page.dataset.doors.replace("change", "publish"), { credentials: "same-origin" }));
  });

  async function show(answer) {
    if (answer.redirected) return window.location.assign(answer.url);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    body.replaceChildren(...document.importNode(fresh.body, true).childNodes);
    open(dialog);
  }

  body.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("[type=submit], button:not([type])");
    button.disabled = true;
    try {
      await show(await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" }));
    } catch {
      toast(say("save_offline"), "error");
    } finally { button.disabled = false; }
  });
}
