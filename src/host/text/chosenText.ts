/** @file Which stretches of a document are meant: what is selected, else the line of the cursor. Knows nothing of VS Code. */

/** Offsets `[start, end)`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * The stretches without the white space around them, in the document's order, each once; an empty selection stands for its line. Empty where nothing is meant.
 * `lineOf` gives the line that an offset lies in, without its end.
 */
export function chosenStretches(selections: readonly Stretch[], text: string, lineOf: (offset: number) => Stretch): Stretch[] {
  const meant = selections.map(({ start, end }) => trim(start === end ? lineOf(start) : { start, end }, text)).filter(({ start, end }) => end > start).toSorted((a, b) => a.start - b.start);
  return meant.filter((one, i) => i === 0 || one.start !== meant[i - 1]!.start || one.end !== meant[i - 1]!.end);
}

function trim({ start, end }: Stretch, text: string): Stretch {
  const own = text.slice(start, end);
  const from = start + own.length - own.trimStart().length;
  return { start: from, end: Math.max(from, start + own.trimEnd().length) };
}
