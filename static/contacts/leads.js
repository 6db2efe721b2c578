/* The rep's list: "Copy" puts a number or an address on the clipboard and says so. */

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const words = button.querySelector("span");
  const before = words.textContent;
  await navigator.clipboard.writeText(button.dataset.copy);
  words.textContent = button.dataset.copied;
  setTimeout(() => { words.textContent = before; }, 1500);
});
