/** @file Which tokens a decoder's tokens attend to, and where they stand: counted from the first, padding too, as transformers does when only ids and a mask are given. */
import type { GraphWriter } from "../graphWriter.js";
import { int64 } from "../../ir/tensor.js";

/** 0, 1, 2 … for every token of `ids` `[batch, tokens]`: int64 `[tokens]`. */
export function countedPositions(writer: GraphWriter, ids: string): string {
  const ones = writer.add("ConstantOfShape", [writer.add("Shape", [ids], { start: 1, end: 2 })], { value: int64([1], [1]) });
  return writer.add("Sub", [writer.add("CumSum", [ones, writer.int(0)]), writer.int(1)]);
}

/**
 * Whether a token (a row) may attend to another: to itself and to earlier ones, of these to the last `window` alone where that is given, and never to padding.
 * Bool `[batch, 1, tokens, tokens]`, from `positions` `[tokens]` and a mask `[batch, tokens]` of 1 for tokens and 0 for padding.
 */
export function causalMask(writer: GraphWriter, positions: string, mask: string, window?: number): string {
  const queries = writer.add("Unsqueeze", [positions, writer.ints([1])]);
  const keys = writer.add("Unsqueeze", [positions, writer.ints([0])]);
  const earlier = writer.add("LessOrEqual", [keys, queries]);
  const near = window === undefined ? earlier : writer.add("And", [earlier, writer.add("Greater", [keys, writer.add("Sub", [queries, writer.int(window)])])]);
  const isToken = writer.add("Unsqueeze", [writer.add("Cast", [mask], { to: "bool" }), writer.ints([1, 2])]);
  return writer.add("And", [near, isToken]);
}
