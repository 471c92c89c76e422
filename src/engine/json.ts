/** @file JSON out of files that others made: a small text must not unfold into more memory than any description takes. */

/** Lists, objects and their items. A tokenizer of half a million pieces has two million, an index of a hundred thousand weights one. */
const mostParts = 1 << 22;
/** No description is nested deeper, and whoever walks one calls itself at each step. */
const deepest = 256;

/** The value. Throws a `SyntaxError` where the text is not JSON, or has more parts than the descriptions of any model. A byte-order mark at its beginning is passed over. */
export function parseJson(text: string): unknown {
  checkParts(text);
  return JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text) as unknown;
}

function checkParts(text: string): void {
  let parts = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case quote:
        i = endOfString(text, i);
        break;
      case openBracket:
      case openBrace:
        depth++;
        parts++;
        break;
      case closeBracket:
      case closeBrace:
        depth--;
        break;
      case comma:
        parts++;
        break;
      default:
    }
    if (depth > deepest || parts > mostParts) throw new SyntaxError(depth > deepest ? "it is nested too deep" : "it has too many parts");
  }
}

const [quote, backslash, openBracket, openBrace, closeBracket, closeBrace, comma] = Array.from("\"\\[{]},", (character) => character.charCodeAt(0));

/** The place of the quote that ends the string beginning at `start`; the end of the text where none does. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) return i;
    if (code === backslash) i++;
  }
  return text.length;
}
