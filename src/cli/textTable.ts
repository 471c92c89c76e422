/** @file Words with their shares, as lines of a terminal. */
import type { AttributedWord, TextExplanation } from "../protocol/text.js";
import type { Translate } from "./localize.js";
import { alignColumns, cut } from "./terminal.js";

/** Longer texts show the words that count most. */
const mostWords = 40;
/** Half the width of the bars. */
const barWidth = 12;

/** A line per word: its share, a bar to the left against the class and to the right for it. */
export function wordLines({ words: own, tokens }: Pick<TextExplanation, "words" | "tokens">, translate: Translate): string[] {
  // Tokens made elsewhere are no words of a known text.
  const words: readonly Pick<AttributedWord, "text" | "attribution">[] = own.length > 0 ? own : tokens.map(({ token, attribution }) => ({ text: token, attribution }));
  const byShare = words.toSorted((a, b) => Math.abs(b.attribution) - Math.abs(a.attribution));
  const shown = new Set(byShare.slice(0, mostWords));
  const largest = Math.abs(byShare[0]?.attribution ?? 0);
  const rows = words.filter((word) => shown.has(word)).map((word) => [signed(word.attribution), bar(word, largest), cut(word.text, 40)]);
  const left = words.length - shown.size;
  return [...alignColumns(rows, [0]), ...(left > 0 ? [translate("and {count} more words", { count: left })] : [])].map((line) => `    ${line}`);
}

export function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

function bar({ attribution }: Pick<AttributedWord, "attribution">, largest: number): string {
  const blocks = "█".repeat(largest === 0 ? 0 : Math.round((barWidth * Math.abs(attribution)) / largest));
  return attribution < 0 ? `${blocks.padStart(barWidth)}│${" ".repeat(barWidth)}` : `${" ".repeat(barWidth)}│${blocks.padEnd(barWidth)}`;
}
