/** @file What the score loses when a token, or a word, is not there. */
import { substitute, substituteOf } from "./substitutes.js";
import type { TextContext, TokenRange } from "./textContext.js";
import { defineTextMethod } from "./textMethod.js";

/**
 * F(text) - F(text with the mask token in a token's place), for every token, special ones included; by `word` all tokens of a word are replaced at once and share the fall alike.
 * Tokenizers without a mask token have another one put in, which the facts name.
 */
export const textOcclusion = defineTextMethod({
  parameters: { unit: { kind: "choice", default: "token", choices: ["token", "word"] }, with: { kind: "choice", default: "mask", choices: ["mask", "pad", "unk"] } },
  run: async (context, options) => {
    const { tokens } = context;
    const stand = substituteOf(context.tokenizer, options.with);
    const ranges = options.unit === "word" ? unitsOf(context) : tokens.map((_, i) => ({ from: i, to: i + 1 }));
    const texts = ranges.map(({ from, to }) => tokens.map((token, i) => (i >= from && i < to ? substitute(token, stand) : token)));
    const raw = new Float64Array(tokens.length);
    let score = 0;
    context.expect(texts.length + 1);
    await context.forEachText([tokens, ...texts], (i, evaluated) => {
      if (i === 0) return void (score = evaluated.score);
      const { from, to } = ranges[i - 1]!;
      raw.fill((score - evaluated.score) / (to - from), from, to);
    });
    return { raw, facts: { replacement: stand.token } };
  },
});

/** The words, and every token that is in none. */
function unitsOf({ tokens, words }: TextContext): readonly TokenRange[] {
  const within = new Set(words.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)));
  return [...words, ...tokens.flatMap((_, i) => (within.has(i) ? [] : [{ from: i, to: i + 1 }]))];
}
