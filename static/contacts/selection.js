/* Ticking rows of a list: all at once, counted; the bar of acts is quiet until somebody is ticked. Works without it too. */

const bar = document.querySelector("[data-selection]");

function boxes() {
  return [...document.querySelectorAll(`input[type=checkbox][form="${bar.id}"]`)];
}

function show() {
  const ticked = boxes().filter((box) => box.checked).length;
  const all = bar.querySelector("[data-tick-all]");
  const words = bar.querySelector("[data-ticked]");
  words.dataset.rest ??= words.textContent;
  words.textContent = ticked ? `${ticked} ${words.dataset.words}` : words.dataset.rest;
  all.checked = ticked > 0 && ticked === boxes().length;
  all.indeterminate = ticked > 0 && ticked < boxes().length;
  const everyone = bar.querySelector("[name=everyone]")?.checked;
  bar.classList.toggle("is-idle", !ticked && !everyone);
  bar.querySelectorAll("button[name=act]").forEach((button) => { button.disabled = !ticked && !everyone; });
}

/* A filter that is chosen applies at once; the button stays for those without scripts. */
const filters = document.querySelector(".people-filters");
filters?.classList.add("is-live");
filters?.addEventListener("change", (event) => event.target.form.requestSubmit());

if (bar) {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
    show();
  });
  new MutationObserver(show).observe(document.getElementById("results"), { childList: true });
  // A live search moves the address on: everyone found means what is shown now.
  bar.addEventListener("submit", () => { if (bar.elements.query) bar.elements.query.value = location.search.slice(1); });
  window.addEventListener("pageshow", show);
  show();
}
