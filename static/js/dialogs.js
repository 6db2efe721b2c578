/* Native dialogs: [data-dialog=ID] opens, [data-close-dialog] and a click beside it close, focus comes back by itself. */

export function open(dialog) {
  document.querySelectorAll("[popover]:popover-open").forEach((menu) => menu.hidePopover());
  if (!dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      open(dialog);
    }
    return;
  }
  const dialog = event.target.closest("dialog");
  if (event.target.closest("[data-close-dialog]") || event.target === dialog) dialog?.close();
});

/* A form that was sent is not sent twice by an impatient second click. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.matches("[hx-post]") || event.defaultPrevented) return;
  if (form.dataset.sent) return void event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
