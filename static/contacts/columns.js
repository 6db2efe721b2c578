/* Choosing columns: the ticked ones stand first, in the order they are given; arrows move one. Sent as columns=a,b,c. */

const form = document.querySelector("[data-columns]");

function move(button) {
  const row = button.closest("li");
  if (button.dataset.move === "up") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  button.focus();
}

if (form) {
  form.classList.add("is-live");
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(button);
  });
  // One short value instead of one for each column.
  form.addEventListener("formdata", (event) => {
    const chosen = event.formData.getAll("columns");
    event.formData.delete("columns");
    event.formData.set("columns", chosen.join(","));
  });
  // A live search moves the address on: what is shown now is kept beside the new columns.
  form.addEventListener("submit", () => {
    form.querySelectorAll("[data-kept]").forEach((input) => input.remove());
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (name === "columns" || name === "cursor") continue;
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      input.dataset.kept = "";
      form.append(input);
    }
  });
}

document.addEventListener("submit", (event) => {
  const query = event.target.querySelector("[data-view-query]");
  if (query) query.value = location.search.slice(1);
}, true);
