/* What may be asked: fields with their operators, event kinds with their subjects, from the page's JSON. */

export const catalogue = JSON.parse(document.getElementById("segment-catalogue").textContent);

const fields = new Map(catalogue.fields.map((field) => [field.key, field]));
const kinds = new Map(catalogue.kinds.map((kind) => [kind.key, kind]));

export const fieldOf = (key) => fields.get(key) ?? null;
export const kindOf = (key) => kinds.get(key) ?? null;
export const operatorsOf = (field) => catalogue.operators[field.type].filter((operator) => field.operators.includes(operator.key));
export const operatorOf = (field, key) => operatorsOf(field).find((operator) => operator.key === key) ?? null;

export const kindOptions = () => {
  const groups = new Map();
  for (const kind of catalogue.kinds) groups.set(kind.group, [...(groups.get(kind.group) ?? []), [kind.key, kind.label]]);
  return [...groups].flatMap(([label, options]) => (label ? [{ label, options }] : options));
};
