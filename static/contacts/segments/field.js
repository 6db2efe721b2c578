/* A condition on a field: what it is, the operator, the value in the input that fits, and what a missing value means. */

import { catalogue, fieldOf, operatorOf, operatorsOf } from "./catalogue.js";
import { el, say, select } from "./dom.js";
import { INPUTS } from "./inputs.js";

export function blank(key) {
  const field = fieldOf(key);
  const data = { field: key, operator: "" };
  choose(data, field, field.begins);
  return data;
}

/* Another operator keeps the value where both take the same input, and what can be kept where not. */
function choose(data, field, key) {
  const before = operatorOf(field, data.operator)?.input;
  const input = operatorOf(field, key).input;
  data.operator = key;
  if (input === "none") delete data.value;
  else if (input !== before) data.value = carried(before, input, data.value);
}

const LISTS = ["texts", "choices"];
function carried(before, input, value) {
  if (LISTS.includes(before) && LISTS.includes(input)) return value;
  if (LISTS.includes(input) && before === "text" && value) return [value];
  if (input === "text" && LISTS.includes(before)) return value?.[0] ?? "";
  return INPUTS[input].blank();
}

export function draw(node, tools) {
  const { data } = node;
  const field = fieldOf(data.field);
  const name = el("button", { type: "button", class: "btn seg-what", focus: `${node.id}-what`, onclick: () => tools.pick(node), "aria-label": say("change_field", { field: field?.label ?? data.field }) }, field?.label ?? data.field);
  if (!field) return [name, el("span", { class: "seg-gone" }, say("field_gone"))];
  const operator = operatorOf(field, data.operator);
  const options = operatorsOf(field).map((row) => [row.key, row.label]);
  if (!operator) options.unshift([data.operator, data.operator]);
  const comparison = select(say("comparison"), options, data.operator, (key) => tools.change(node, () => choose(data, field, key)), { focus: `${node.id}-operator` });
  return [name, comparison, operator && value(node, field, operator, tools), zone(node, field, operator, tools), operator?.note ? el("div", { class: "seg-note" }, operator.note) : null];
}

function value(node, field, operator, tools) {
  const put = (typed) => tools.type(node, `${node.id}-value`, () => { node.data.value = typed; });
  return INPUTS[operator.input].draw(node.data.value, put, {
    label: field.label, focus: `${node.id}-value`, choices: field.choices, joined: operator.joined,
    query: field.suggests ? { field: field.key } : null,
  });
}

/* Days and times may be those of the person's own place rather than the company's. */
function zone(node, field, operator, tools) {
  if (!operator?.zoned) return null;
  const put = (chosen) => tools.change(node, () => { if (chosen) node.data.zone = chosen; else delete node.data.zone; });
  return select(say("zone"), catalogue.zones, node.data.zone ?? "", put, { class: "form-select seg-zone", focus: `${node.id}-zone` });
}
