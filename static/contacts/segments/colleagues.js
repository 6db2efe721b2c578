/* People of the same account: any, every or at least n of them match a rule of their own, drawn below as a group. */

import { el, say, select } from "./dom.js";
import { INPUTS } from "./inputs.js";

export const blank = () => ({ people_of_account: "any", rule: { all: [] } });

export function draw(node, tools) {
  const { data } = node;
  const set = (choice) => tools.change(node, () => {
    data.people_of_account = choice;
    if (choice === "at_least") data.n ??= 2;
    else delete data.n;
  });
  const options = ["any", "every", "at_least"].map((key) => [key, say(`colleagues_${key}`)]);
  const put = (n) => tools.type(node, `${node.id}-n`, () => { data.n = n; });
  const many = data.people_of_account === "at_least" ? INPUTS.count.draw(data.n, put, { label: say("how_many"), focus: `${node.id}-n`, min: 1 }) : null;
  return [select(say("colleagues"), options, data.people_of_account, set, { class: "form-select seg-what", focus: `${node.id}-what` }), many, el("span", { class: "seg-word" }, say("colleagues_match")), el("div", { class: "seg-note" }, say("note_colleagues"))];
}
