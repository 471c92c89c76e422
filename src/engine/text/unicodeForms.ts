/** @file Unicode normalisation that remembers where each character came from, as the Rust library `tokenizers` aligns it. */
import { codePoints, rewrite, type AlignedText, type Rewriting } from "./alignedText.js";
import { isMark } from "./unicodeTables.js";

export type UnicodeForm = "NFC" | "NFD" | "NFKC" | "NFKD";

/** Characters with decompositions that are younger than the tables of `tokenizers`, which leaves them alone: `[first, last]`. */
const youngDecompositions: readonly (readonly [number, number])[] = [
  [0x32ff, 0x32ff], [0xa7f1, 0xa7f4], [0xab69, 0xab69], [0x105c9, 0x105c9], [0x105e4, 0x105e4], [0x10781, 0x107ba], [0x11383, 0x11391], [0x113c5, 0x113c8], [0x11938, 0x11938],
  [0x16121, 0x16128], [0x16d68, 0x16d6a], [0x1ccd6, 0x1ccf9], [0x1e030, 0x1e06d], [0x1f16c, 0x1f16c], [0x1fbf0, 0x1fbf9],
];

/** A piece in one of the Unicode forms. */
export function normalForm(piece: AlignedText, form: UnicodeForm): AlignedText {
  if (piece.text.normalize(form) === piece.text) return piece;
  const decomposed = decompose(piece.text, form === "NFC" || form === "NFD" ? "NFD" : "NFKD");
  return rewrite(piece, form === "NFC" || form === "NFKC" ? compose(decomposed) : decomposed);
}

function decompose(text: string, form: "NFD" | "NFKD"): Rewriting {
  const codes: number[] = [];
  const changes: number[] = [];
  let firstMark = -1;
  for (const code of codePoints(text)) {
    const parts = isYoung(code) ? [code] : partsOf(code, form);
    for (let i = 0; i < parts.length; i++) {
      if (!isReordered(parts[i]!)) {
        if (firstMark >= 0) sortMarks(codes, changes, firstMark);
        firstMark = -1;
      } else if (firstMark < 0) firstMark = codes.length;
      codes.push(parts[i]!);
      changes.push(i === 0 ? 0 : 1);
    }
  }
  if (firstMark >= 0) sortMarks(codes, changes, firstMark);
  return { codes, changes };
}

function partsOf(code: number, form: "NFD" | "NFKD"): readonly number[] {
  if (code < 0xa0) return [code];
  return codePoints(String.fromCodePoint(code).normalize(form));
}

function isYoung(code: number): boolean {
  return code >= 0x32ff && youngDecompositions.some(([first, last]) => code >= first && code <= last);
}

/** Whether a mark has a canonical combining class other than 0: then it trades places with U+0345, whose class is the highest. */
function isReordered(code: number): boolean {
  if (code < 0x300 || !isMark(code)) return false;
  if (code === 0x345) return true;
  const pair = `\u0345${String.fromCodePoint(code)}`;
  return pair.normalize("NFD") !== pair;
}

/** Puts the marks from `from` on into canonical order, each with its change. The order is the engine's own: equal marks keep theirs, so the first of the text is the first of the sorted. */
function sortMarks(codes: number[], changes: number[], from: number): void {
  if (codes.length - from < 2) return;
  const marks = String.fromCodePoint(...codes.slice(from));
  const sorted = marks.normalize("NFD");
  if (sorted === marks) return;
  const changesOf = new Map<number, number[]>();
  for (let i = codes.length - 1; i >= from; i--) {
    const known = changesOf.get(codes[i]!);
    if (known) known.push(changes[i]!);
    else changesOf.set(codes[i]!, [changes[i]!]);
  }
  codePoints(sorted).forEach((code, i) => {
    codes[from + i] = code;
    changes[from + i] = changesOf.get(code)?.pop() ?? 0;
  });
}

/** Canonical composition. A composed character's change counts the characters it swallowed and those that decomposition had added. */
function compose({ codes: parts, changes: partChanges }: Rewriting): Rewriting {
  const codes: number[] = [];
  const changes: number[] = [];
  let starter = -1;
  for (let i = 0; i < parts.length; i++) {
    const code = parts[i]!;
    const change = partChanges[i]!;
    // A mark is blocked from the starter by one of its own class that stands between them.
    if (starter >= 0 && (starter === codes.length - 1 || (isReordered(code) && !isSameClass(codes.at(-1)!, code)))) {
      const whole = composite(codes[starter]!, code);
      if (whole !== undefined) {
        codes[starter] = whole;
        changes[starter]! += change - 1;
        continue;
      }
    }
    if (!isReordered(code)) starter = codes.length;
    codes.push(code);
    changes.push(change);
  }
  return { codes, changes };
}

function isSameClass(first: number, second: number): boolean {
  const pair = String.fromCodePoint(second, first);
  return pair.normalize("NFD") === pair;
}

/** The one character that two compose to. */
function composite(first: number, second: number): number | undefined {
  if (second < 0x300) return undefined;
  const pair = String.fromCodePoint(first, second);
  const whole = pair.normalize("NFC");
  const code = whole.codePointAt(0)!;
  if (whole.length !== (code > 0xffff ? 2 : 1) || isYoung(code)) return undefined;
  return whole.normalize("NFD") === String.fromCodePoint(first).normalize("NFD") + String.fromCodePoint(second).normalize("NFD") ? code : undefined;
}
