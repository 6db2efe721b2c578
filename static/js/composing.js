/* Is a key press part of composing a syllable? Then it belongs to the input method and no shortcut may act on it. */

export const composing = (event) => event.isComposing || event.keyCode === 229;
