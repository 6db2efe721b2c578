/* The draft's pickers: lists and tags are chosen by typing. Without this file they are ordinary lists. */

const form = document.querySelector(".campaign-form");

/** The one line of an empty answer, in the reader's language. */
function noMatch() {
  const line = document.createElement("div");
  line.className = "no-results";
  line.textContent = form.dataset.noMatch;
  return line;
}

for (const field of document.querySelectorAll("select[data-pick]")) {
  if (!window.TomSelect) break;
  const picker = new window.TomSelect(field, {
    plugins: { remove_button: { title: form.dataset.remove } },
    placeholder: form.dataset.pick,
    hidePlaceholder: true,
    maxOptions: 200,
    closeAfterSelect: true, // a click into an open field would only close it, and lose what is typed next
    render: { no_results: noMatch },
  });
  picker.on("item_add", () => picker.setTextboxValue(""));
}

/** Show the chosen mail, small, beside its name. */
function showTemplate() {
  const frame = place.querySelector("iframe");
  place.hidden = !choice.value;
  if (choice.value) frame.src = place.dataset.address.replace("/0/", `/${choice.value}/`);
}

const place = document.querySelector(".campaign-template");
const choice = form.elements.template;
choice?.addEventListener("change", showTemplate);
