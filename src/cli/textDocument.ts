/** @file The JSON entries of explained texts: a contract that scripts depend on. Add fields; never rename or remove one. */
import type { AttributedToken, AttributedWord, TextExplanation, TextSpan } from "../protocol/text.js";
import type { Prediction, Timings } from "../protocol/api.js";
import { roundedMs } from "./resultDocument.js";

/** One explanation of a text. All places are in Unicode code points of the text (`part` 0) or its pair (`part` 1), as Python counts them. Paths in `files` are relative to the output folder. */
export interface TextResultEntry {
  /** The file, or "text-1" for a text that was written on the command line. */
  readonly input: string;
  readonly text: string;
  readonly pair: string | null;
  readonly method: string;
  readonly parameters: TextExplanation["parameters"];
  readonly score: string;
  readonly task: string;
  readonly target: Prediction;
  /** The class it was held against; `null` when there is none. */
  readonly versus: Prediction | null;
  readonly predictions: readonly Prediction[];
  /** `raw` adds up to what the method promises; `attribution` is `raw` divided by the L2 norm over all tokens. Special tokens have `start` and `end` 0. */
  readonly tokens: readonly AttributedToken[];
  /** Sums over the tokens `[from, to)`. */
  readonly words: readonly AttributedWord[];
  /** The stretches that a long text was read in; one for most texts. */
  readonly windows: readonly TextSpan[];
  readonly completeness: TextExplanation["completeness"];
  readonly facts: TextExplanation["facts"];
  readonly evaluations: TextExplanation["evaluations"];
  readonly files: { readonly tensors?: string };
  readonly notes: readonly string[];
  readonly ms: Timings;
}

/** One explanation for the document. */
export function textEntry(input: string, explanation: TextExplanation, files: TextResultEntry["files"], notes: readonly string[]): TextResultEntry {
  const { text, pair, method, parameters, score, task, target, versus, predictions, completeness, facts, evaluations, ms } = explanation;
  const places = [codePoints(text), codePoints(pair ?? "")] as const;
  const inPoints = <Span extends TextSpan>(span: Span): Span => ({ ...span, start: places[span.part](span.start), end: places[span.part](span.end) });
  return {
    input, text, pair: pair ?? null, method, parameters, score, task, target, versus: versus ?? null, predictions,
    tokens: explanation.tokens.map(inPoints), words: explanation.words.map(inPoints), windows: explanation.windows.map(inPoints),
    completeness, facts, evaluations, files, notes, ms: roundedMs(ms),
  };
}

/** From places in UTF-16 code units to places in code points. */
export function codePoints(text: string): (unit: number) => number {
  const counts = new Uint32Array(text.length + 1);
  for (let unit = 0, points = 0; unit < text.length; points++) {
    const width = text.codePointAt(unit)! > 0xffff ? 2 : 1;
    counts[unit] = points;
    // Inside of a pair of surrogates lies no place; whoever names it means the end.
    for (let k = 1; k <= width; k++) counts[unit + k] = points + 1;
    unit += width;
  }
  return (unit) => counts[Math.min(unit, text.length)]!;
}
