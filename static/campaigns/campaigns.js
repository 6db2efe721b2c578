/* The draft's pickers: lists and tags are chosen by typing. Without this file they are ordinary lists. */

for (const field of document.querySelectorAll("select[data-pick]")) {
  if (window.TomSelect) new window.TomSelect(field, { plugins: ["remove_button"], maxOptions: 200 });
}
