/* Undo and redo over whole trees. Typing in one control is one step. */

const MOST = 100;
const TYPING_MS = 1500;

export class History {
  constructor(root) {
    this.past = [];
    this.future = [];
    this.shown = structuredClone(root);
    this.typing = { key: "", at: 0 };
  }

  /* The tree was changed; `key` names the control that is typed in, if any. */
  keep(root, key = "") {
    const now = performance.now();
    const goesOn = key !== "" && key === this.typing.key && now - this.typing.at < TYPING_MS;
    if (!goesOn) this.past = [...this.past.slice(1 - MOST), this.shown];
    this.typing = { key, at: now };
    this.shown = structuredClone(root);
    this.future = [];
  }

  undo() { return this.step(this.past, this.future); }
  redo() { return this.step(this.future, this.past); }

  step(from, to) {
    if (!from.length) return null;
    to.push(this.shown);
    this.shown = from.pop();
    this.typing = { key: "", at: 0 };
    return structuredClone(this.shown);
  }
}
