/** @file Unicode text segmentation in time that grows with the length of the text: V8's own takes its square. */

import { isPairAt } from "./alignedText.js";

/** Segments `[start, end)` in code units, in order. */
export type Visit = (start: number, end: number) => void;

const graphemeSegmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const wordSegmenter = new Intl.Segmenter("en", { granularity: "word" });
/** Code units that are looked at together. */
const window = 512;

/** Words, marks, and white space of a text by Unicode's rules and, for scripts without spaces, by dictionary. */
export function eachWord(text: string, visit: Visit): void {
  // Where a word ends can depend on a few words after it: "can" and "'" are one with the "t" that the window cuts off.
  inWindows(wordSegmenter, text, 0, text.length, 16, visit);
}

/** What people see as characters. */
export function eachGrapheme(text: string, visit: Visit): void {
  for (let i = 0; i < text.length;) {
    // Between two ASCII characters there is always a boundary, save in CR LF.
    if (isAscii(text, i) && isAscii(text, i + 1)) {
      const end = isLineEnd(text, i) ? i + 2 : i + 1;
      visit(i, end);
      i = end;
      continue;
    }
    let end = i + 1;
    while (end < text.length && !(isAscii(text, end - 1) && isAscii(text, end) && !isLineEnd(text, end - 1))) end++;
    inWindows(graphemeSegmenter, text, i, end, 1, visit);
    i = end;
  }
}

function isAscii(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) < 0x80;
}

function isLineEnd(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x0d && text.charCodeAt(at + 1) === 0x0a;
}

/** Segments the stretch `[from, to)` window by window. The last `spare` segments of a window, which what follows may change, begin the next one. */
function inWindows(segmenter: Intl.Segmenter, text: string, from: number, to: number, spare: number, visit: Visit): void {
  let size = window;
  for (let at = from; at < to;) {
    const cut = Math.min(to, at + size);
    const end = cut < to && isPairAt(text, cut - 1) ? cut - 1 : cut;
    const segments = [...segmenter.segment(text.slice(at, end))];
    const kept = end === to ? segments.length : segments.length - spare;
    // A segment as long as the window: look at more.
    if (kept < 1) {
      size *= 2;
      continue;
    }
    for (let i = 0; i < kept; i++) visit(at + segments[i]!.index, at + segments[i]!.index + segments[i]!.segment.length);
    at = end === to ? to : at + segments[kept]!.index;
    size = window;
  }
}
