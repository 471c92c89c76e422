/** @file Text on its way to tokens: every UTF-16 code unit of the changed text knows the characters of the user's text it came from. */

/**
 * A changed piece of a text. `starts[i]` and `ends[i]` are the UTF-16 range of the user's text that code unit i stands for; the two halves of a surrogate pair have the same range.
 * `base` is where the piece began before it was changed.
 *
 * The alignment follows `NormalizedString` of the Rust library `tokenizers` in every detail, its oddities included, because offsets are to equal those of Python.
 */
export interface AlignedText {
  readonly text: string;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly base: number;
}

/** New characters of a text, in order. `changes[i]` is 0 for one that replaces the next old character, 1 for one that is added after it, -n for one that replaces it and swallows the n that follow. */
export interface Rewriting {
  readonly codes: number[];
  readonly changes: number[];
}

/** A text that stands for itself. Unpaired surrogates, which no vocabulary can spell, become U+FFFD. */
export function alignedText(text: string): AlignedText {
  const whole = text.toWellFormed();
  const starts = new Int32Array(whole.length);
  const ends = new Int32Array(whole.length);
  for (let i = 0; i < whole.length; i++) {
    const pair = isPairAt(whole, i);
    starts[i] = i;
    ends[i] = i + (pair ? 2 : 1);
    if (!pair) continue;
    starts[i + 1] = i;
    ends[i + 1] = i + 2;
    i++;
  }
  return { text: whole, starts, ends, base: 0 };
}

/** The piece `[from, to)`, in code units of the changed text. */
export function slice(piece: AlignedText, from: number, to: number): AlignedText {
  if (from === 0 && to === piece.text.length) return piece.base === (piece.starts[0] ?? piece.base) ? piece : { ...piece, base: piece.starts[0]! };
  return { text: piece.text.slice(from, to), starts: piece.starts.subarray(from, to), ends: piece.ends.subarray(from, to), base: piece.starts[from] ?? piece.base };
}

/** Rewrites a whole piece; `removed` old characters go before the first new one. */
export function rewrite(piece: AlignedText, { codes, changes }: Rewriting, removed = 0): AlignedText {
  const { text: old, starts: oldStarts, ends: oldEnds } = piece;
  let length = 0;
  for (const code of codes) length += code > 0xffff ? 2 : 1;
  const starts = new Int32Array(length);
  const ends = new Int32Array(length);
  let text = "";
  let at = skip(old, 0, removed);
  let unit = 0;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    const change = changes[i]!;
    // An added character lies where the one before it lies; at the very beginning there is none, and it lies nowhere.
    const source = change > 0 ? at - 1 : Math.min(at, old.length - 1);
    const start = source < 0 ? piece.base : oldStarts[source]!;
    const end = source < 0 ? piece.base : oldEnds[source]!;
    for (let k = code > 0xffff ? 2 : 1; k > 0; k--) {
      starts[unit] = start;
      ends[unit] = end;
      unit++;
    }
    if (change <= 0) at = skip(old, at, 1 - change);
    text += String.fromCodePoint(code);
  }
  return { text, starts, ends, base: piece.base };
}

/** Keeps the characters that pass. */
export function filter(piece: AlignedText, keep: (code: number) => boolean): AlignedText {
  const codes: number[] = [];
  const changes: number[] = [];
  let first = 0;
  for (const code of codePoints(piece.text)) {
    if (keep(code)) {
      codes.push(code);
      changes.push(0);
    } else if (codes.length === 0) first++;
    else changes[changes.length - 1]!--;
  }
  return first === 0 && changes.every((change) => change === 0) ? piece : rewrite(piece, { codes, changes }, first);
}

/** Replaces each character by others; `undefined` keeps it. */
export function mapEach(piece: AlignedText, replacement: (code: number) => readonly number[] | undefined): AlignedText {
  const codes: number[] = [];
  const changes: number[] = [];
  let changed = false;
  for (const code of codePoints(piece.text)) {
    const others = replacement(code);
    if (others === undefined) {
      codes.push(code);
      changes.push(0);
      continue;
    }
    changed = true;
    for (let i = 0; i < others.length; i++) {
      codes.push(others[i]!);
      changes.push(i === 0 ? 0 : 1);
    }
  }
  return changed ? rewrite(piece, { codes, changes }) : piece;
}

/** Puts characters before a piece; they lie where its first character lies. An empty piece stays empty. */
export function prepend(piece: AlignedText, added: string): AlignedText {
  if (piece.text === "" || added === "") return piece;
  const starts = new Int32Array(added.length + piece.text.length).fill(piece.starts[0]!, 0, added.length);
  const ends = new Int32Array(starts.length).fill(piece.ends[0]!, 0, added.length);
  starts.set(piece.starts, added.length);
  ends.set(piece.ends, added.length);
  return { text: added + piece.text, starts, ends, base: piece.base };
}

/** Replaces stretches `[start, end)` of code units by the same content, which lies where the last replaced character lies. */
export function replaceAll(piece: AlignedText, matches: readonly (readonly [number, number])[], content: string): AlignedText {
  if (matches.length === 0) return piece;
  let removed = 0;
  for (const [start, end] of matches) removed += end - start;
  const length = piece.text.length - removed + matches.length * content.length;
  const starts = new Int32Array(length);
  const ends = new Int32Array(length);
  let text = "";
  let last = 0;
  for (const [start, end] of matches) {
    starts.set(piece.starts.subarray(last, start), text.length);
    ends.set(piece.ends.subarray(last, start), text.length);
    text += piece.text.slice(last, start);
    starts.fill(piece.starts[end - 1] ?? piece.base, text.length, text.length + content.length);
    ends.fill(piece.ends[end - 1] ?? piece.base, text.length, text.length + content.length);
    text += content;
    last = end;
  }
  starts.set(piece.starts.subarray(last), text.length);
  ends.set(piece.ends.subarray(last), text.length);
  return { text: text + piece.text.slice(last), starts, ends, base: piece.base };
}

/** The code points of a text without unpaired surrogates. */
export function codePoints(text: string): number[] {
  const codes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    codes.push(code);
    if (code > 0xffff) i++;
  }
  return codes;
}

/** Whether a surrogate pair begins at a code unit. */
export function isPairAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00;
}

function skip(text: string, from: number, characters: number): number {
  let at = from;
  for (let i = 0; i < characters && at < text.length; i++) at += isPairAt(text, at) ? 2 : 1;
  return at;
}
