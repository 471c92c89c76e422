/** @file Shape rules of recurrent layers. */
import { numberOf, textOf } from "../attributes.js";
import { type ShapeRule } from "./rule.js";

/** Y `[sequence, directions, batch, hidden]`, then the last states `[directions, batch, hidden]`; layout 1 puts the batch first. */
const recurrent: ShapeRule = ({ node, dtype, shape }) => {
  const [x, r] = [shape(0), shape(2)];
  const hidden = node.attributes["hidden_size"] === undefined ? r?.[2] : numberOf(node, "hidden_size", 0);
  const directions = textOf(node, "direction", "forward") === "bidirectional" ? 2 : 1;
  const isBatchFirst = numberOf(node, "layout", 0) === 1;
  const type = (make: (sequence: number | string, batch: number | string) => (number | string)[]) =>
    ({ dtype: dtype(0), shape: x && hidden !== undefined ? make(x[isBatchFirst ? 1 : 0]!, x[isBatchFirst ? 0 : 1]!) : undefined });
  const state = type((_, batch) => (isBatchFirst ? [batch, directions, hidden!] : [directions, batch, hidden!]));
  return [type((sequence, batch) => (isBatchFirst ? [batch, sequence, directions, hidden!] : [sequence, directions, batch, hidden!])), state, state].slice(0, node.outputs.length);
};

export const recurrentShapes: Readonly<Record<string, ShapeRule>> = { LSTM: recurrent, GRU: recurrent, RNN: recurrent };
