/** @file The commands behind what the editor shows of explained texts. Each takes the explanation's id; but for `clear`, none is in the palette. */

export const textCommands = {
  menu: "whylight.text.menu", clear: "whylight.clearText", anotherClass: "whylight.text.anotherClass", inspect: "whylight.text.inspectAttention", again: "whylight.text.again", cancel: "whylight.text.cancel",
} as const;
