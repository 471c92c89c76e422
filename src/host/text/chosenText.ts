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

const separators = [",", ";", "\t"] as const;

/**
 * The text of a line of separated values, whose other fields are numbers and labels that nobody wants read as text: the field at `at` if it has several words, else the longest one; without the quotes around it.
 * `header` is the file's first line, which tells what separates. Offsets count from the line's start.
 */
export function fieldAround(line: string, at: number, header: string): Stretch {
  const count = (separator: string) => header.split(separator).length;
  const separator = separators.reduce((best, one) => (count(one) > count(best) ? one : best));
  const fields: { readonly start: number; readonly end: number; readonly to: number }[] = [];
  for (let from = 0; from <= line.length; from = fields.at(-1)!.to + 1) {
    const quoted = /^"(?:[^"]|"")*(?:"|$)/.exec(line.slice(from))?.[0];
    const next = line.indexOf(separator, from + (quoted?.length ?? 0));
    const to = next < 0 ? line.length : next;
    fields.push(quoted === undefined ? { start: from, end: to, to } : { start: from + 1, end: from + quoted.length - (quoted.length > 1 && quoted.endsWith('"') ? 1 : 0), to });
  }
  const own = fields.find(({ to }) => at <= to) ?? { start: 0, end: line.length };
  const { start, end } = /\S\s+\S/.test(line.slice(own.start, own.end)) ? own : fields.reduce((best, one) => (one.end - one.start > best.end - best.start ? one : best));
  return { start, end };
}

function trim({ start, end }: Stretch, text: string): Stretch {
  const own = text.slice(start, end);
  const from = start + own.length - own.trimStart().length;
  return { start: from, end: Math.max(from, start + own.trimEnd().length) };
}
