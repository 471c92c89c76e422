/** @file What a method for text is: parameters, and how it gets from one window of tokens to a value per token. */
import type { Remark } from "../method.js";
import type { ParameterTable, PlainTensor, Values } from "../parameters.js";
import type { TextContext } from "./textContext.js";

/** The raw result: signed, one value per token of the window, special tokens included. */
export interface TextMethodResult {
  readonly raw: Float64Array;
  /** Per dimension, `[tokens, width]`, of methods that have one. */
  readonly attribution?: PlainTensor;
  /** The sum of the values, and the difference of the scores it should equal. */
  readonly completeness?: { readonly sum: number; readonly difference: number };
  /** What the method found out or settled itself: steps taken, the token put in place of others. */
  readonly facts?: Readonly<Record<string, number | string>>;
  readonly remarks?: readonly Remark[];
}

export interface TextMethod<Table extends ParameterTable = ParameterTable> {
  readonly parameters: Table;
  /** Throws `WhylightError`s; evaluates through the context only, so that batching, progress and cancelling work. */
  readonly run: (context: TextContext, parameters: Values<Table>) => Promise<TextMethodResult>;
}

/** A method, with the types of its parameters taken from its table. */
export function defineTextMethod<const Table extends ParameterTable>(method: TextMethod<Table>): TextMethod<Table> {
  return method;
}

/** Where a text is explained: at what the embedding module returns, or at the rows of the table of words. */
export const placeParameter = { kind: "choice", default: "embeddings", choices: ["embeddings", "words"] } as const;

/** The sums over the width of the first `tokens` rows; rows behind them are padding. */
export function sumPerToken(values: ArrayLike<number>, tokens: number, width: number): Float64Array {
  return Float64Array.from({ length: tokens }, (_, i) => {
    let sum = 0;
    for (let k = i * width; k < (i + 1) * width; k++) sum += values[k]!;
    return sum;
  });
}
