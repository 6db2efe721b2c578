/* What is put into text where the cursor stands: merge fields, bold, links, lists. */

let last = null; // the field that had the cursor last, and where

const put = (input, before, inner, after) => {
  const { selectionStart: from, selectionEnd: to } = input;
  input.setRangeText(`${before}${inner}${after}`, from, to, "end");
  if (!inner) input.setSelectionRange(from + before.length, from + before.length);
  input.focus();
  input.dispatchEvent(new Event("input", { bubbles: true }));
};

const chosen = (input) => input.value.slice(input.selectionStart, input.selectionEnd);

const wraps = {
  "**": (input) => put(input, "**", chosen(input) || "…", "**"),
  link: (input) => put(input, "[", chosen(input) || "…", "](https://)"),
  list: (input) => put(input, "", (chosen(input) || "…").split("\n").map((line) => `- ${line}`).join("\n"), ""),
};

/** Start the buttons above text fields and the list of merge fields. */
export function startWords(root) {
  root.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-mergeable]")) last = event.target;
  });
  root.addEventListener("click", (event) => {
    const wrap = event.target.closest("[data-wrap]");
    if (wrap) wraps[wrap.dataset.wrap](wrap.closest(".me-body").querySelector("textarea"));
  });
  const popover = document.getElementById("merge-fields");
  popover.addEventListener("click", (event) => {
    const button = event.target.closest("[data-field]");
    if (!button) return;
    const target = last?.isConnected && last.offsetParent ? last : root.querySelector("[data-mergeable]:not([hidden])");
    const fallback = document.getElementById("merge-fallback").value.trim().replaceAll('"', "'");
    const filter = button.dataset.filter ? ` | ${button.dataset.filter}` : fallback ? ` | default: "${fallback}"` : "";
    popover.hidePopover();
    put(target, "{{ ", button.dataset.field + filter, " }}");
  });
}
