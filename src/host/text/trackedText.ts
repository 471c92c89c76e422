/** @file Where a stretch of a document's text lies while the document is edited, and whether it still says the same. */

/** One edit, as VS Code tells it; several of one event are applied in their order. */
export interface TextChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

export interface TrackedText {
  /** What the stretch said when the tracking began. */
  readonly text: string;
  /** Offsets `[start, end)` in the document. While the text is another, everything that took its place. */
  readonly start: number;
  readonly end: number;
  /** Whether the document says `text` at this place. */
  readonly isIntact: boolean;
  /** Where the text began, last time it was intact: of several equal texts the nearest to it is taken for it. */
  readonly home: number;
}

/** Starts to follow the text at an offset. */
export function trackText(text: string, start: number): TrackedText {
  return { text, start, end: start + text.length, isIntact: true, home: start };
}

/**
 * Where the text is after edits. `read` gives the document's text as it is now. Edits before it move it; edits that touch it break it,
 * unless the text stands there again: an undo, or a formatter that writes the same once more, brings it back.
 */
export function follow(tracked: TrackedText, changes: readonly TextChange[], read: (start: number, end: number) => string): TrackedText {
  let { start, end, home } = tracked;
  let isTouched = false;
  for (const { rangeOffset: from, rangeLength, text } of changes) {
    const [to, growth] = [from + rangeLength, text.length - rangeLength];
    // What is written right beside an intact text is not part of it; beside a broken one it may be the missing piece.
    const isBefore = tracked.isIntact && !isTouched ? to <= start : to < start;
    const isAfter = tracked.isIntact && !isTouched ? from >= end : from > end;
    if (isBefore) {
      start += growth;
      end += growth;
      home += growth;
    } else if (!isAfter) {
      isTouched = true;
      start = Math.min(start, from);
      end = Math.max(end, to) + growth;
    }
  }
  if (!isTouched) return { ...tracked, start, end, home };
  const at = nearest(read(start, end), tracked.text, home - start);
  return at === undefined ? { ...tracked, start, end, home, isIntact: false } : trackText(tracked.text, start + at);
}

/** Looks whether the text stands where it did, as in a document that was closed and opened again. */
export function recheck(tracked: TrackedText, read: (start: number, end: number) => string): TrackedText {
  const isIntact = read(tracked.home, tracked.home + tracked.text.length) === tracked.text;
  return isIntact ? trackText(tracked.text, tracked.home) : { ...tracked, isIntact: false };
}

/** Whether two stretches share a character, or one that has been emptied lies within the other. */
export function overlap(a: Pick<TrackedText, "start" | "end">, b: Pick<TrackedText, "start" | "end">): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Where `part` begins in `whole`, nearest to an offset; `undefined` when it is not there. */
function nearest(whole: string, part: string, to: number): number | undefined {
  let best: number | undefined;
  for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, at + 1)) {
    if (best !== undefined && Math.abs(at - to) >= Math.abs(best - to)) break;
    best = at;
  }
  return best;
}
