/* Elements made by code: el("button", { class: "btn", onclick }, "text"). Icons come from <template>s in the page, words from its JSON. */

export function el(name, props = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "value") made.value = value;
    else made.setAttribute(key === "focus" ? "data-focus" : key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export function icon(name) {
  return document.getElementById(`icon-${name}`).content.firstElementChild.cloneNode(true);
}

const words = JSON.parse(document.getElementById("segment-words").textContent);

/* say("moved", { place: 2 }) fills {place}; a key that is not there is a fault and throws. */
export function say(key, facts = {}) {
  if (!(key in words)) throw new Error(`no words for "${key}"`);
  return words[key].replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
}

export function button(label, iconName, props = {}) {
  const { quiet, ...rest } = props;
  return el("button", { type: "button", class: "btn btn-quiet", ...rest }, icon(iconName), el("span", { class: quiet ? "wf-sr" : null }, label));
}

/* options: [value, label] pairs, or { label, options } for a group of them. */
export function select(label, options, chosen, onchange, props = {}) {
  const draw = (entry) => Array.isArray(entry)
    ? el("option", { value: entry[0], selected: String(entry[0]) === String(chosen) }, entry[1])
    : el("optgroup", { label: entry.label }, entry.options.map(draw));
  const made = el("select", { class: "form-select", "aria-label": label, ...props }, options.map(draw));
  made.value = chosen ?? "";
  made.addEventListener("change", () => onchange(made.value));
  return made;
}

const spoken = document.getElementById("segment-spoken");
export function announce(text) {
  spoken.textContent = "";
  requestAnimationFrame(() => { spoken.textContent = text; });
}
