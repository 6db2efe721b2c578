/* Toasts: closes those of the request, and shows those that htmx answers bring by HX-Trigger {"toast": {text, level}}. */

const box = document.getElementById("toasts");
const FADE_MS = 6000;
const ICONS = { success: "M5 12l5 5l10 -10", warning: "M12 8v5M12 16.5v.01", error: "M12 8v5M12 16.5v.01", info: "M12 11v6M12 7.5v.01" };

function fade(toast) {
  let timer = setTimeout(() => toast.remove(), FADE_MS);
  const hold = () => clearTimeout(timer);
  const go = () => { timer = setTimeout(() => toast.remove(), FADE_MS); };
  toast.addEventListener("mouseenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("mouseleave", go);
  toast.addEventListener("focusout", go);
}

function drawing(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(svg.namespaceURI, "path");
  line.setAttribute("d", path);
  line.setAttribute("fill", "none");
  line.setAttribute("stroke", "currentColor");
  svg.append(line);
  return svg;
}

export function toast(text, level = "info") {
  const item = document.createElement("div");
  item.className = `wf-toast is-${level}`;
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.dataset.closeToast = "";
  close.setAttribute("aria-label", box.dataset.closeLabel);
  close.append(drawing("M18 6l-12 12M6 6l12 12"));
  item.append(drawing(ICONS[level] ?? ICONS.info), words, close);
  box.append(item);
  if (level === "success" || level === "info") fade(item);
}

if (box) {
  box.querySelectorAll("[data-fades]").forEach(fade);
  box.addEventListener("click", (event) => event.target.closest("[data-close-toast]")?.closest(".wf-toast").remove());
  document.body.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level));
}
