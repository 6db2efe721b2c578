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
  bar.querySelectorAll("button[name=act]").forEach((button) => { button.disabled = !ticked && !everyone; });
}

if (bar) {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
    show();
  });
  new MutationObserver(show).observe(document.getElementById("results"), { childList: true });
  window.addEventListener("pageshow", show);
  show();
}
