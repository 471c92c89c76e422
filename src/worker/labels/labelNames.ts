/** @file Finds the class of a model that a label means, however it is written, and the classes that file names speak of. */

/** The classes of one model by their names. */
export interface LabelNames {
  /** The class: an index, the label itself, the label in another spelling (case, spaces, underscores, hyphens), one of its synonyms, or an index as text. `undefined` where none is meant. */
  find(label: string | number): number | undefined;
  /** The same of texts, but for an index as text. */
  named(label: string): number | undefined;
  /** The class whose name is a whole word at the beginning or the end of a file's name (without ending): "pug_01", "01-pug", "n02110958_12". The longest name wins; `undefined` for none, or for two that are as long. */
  inName(stem: string): number | undefined;
  /** Labels spelt most like this one, most alike first. */
  near(label: string, most?: number): readonly string[];
}

/** Shorter names are parts of other names, and digits count files. */
const shortestInName = 2;
const mostNear = 3;

/** The classes of a model; `classes` is their number where it is known, `labels` their names where they have some. */
export function labelNames(labels: readonly string[] | undefined, classes: number | undefined): LabelNames {
  const names = (labels ?? []).slice(0, classes);
  const count = classes ?? names.length;
  const exact = uniqueKeys(names.map((name) => [name]));
  const folded = uniqueKeys(names.map((name) => [fold(name)]));
  const synonyms = uniqueKeys(names.map(synonymsOf));
  const named = (label: string) => exact.get(label.trim()) ?? folded.get(fold(label)) ?? synonyms.get(fold(label));
  const find = (label: string | number): number | undefined => {
    if (typeof label === "number") return Number.isInteger(label) && label >= 0 && label < count ? label : undefined;
    return named(label) ?? (/^\d{1,7}$/.test(label.trim()) && Number(label) < count ? Number(label) : undefined);
  };
  const spoken = [...new Map([...synonyms, ...folded])].filter(([name]) => name.length >= shortestInName && /\D/.test(name)).toSorted(([a], [b]) => b.length - a.length);
  return {
    find, named,
    inName: (stem) => {
      const text = fold(stem);
      const found = spoken.filter(([name]) => standsAtAnEnd(text, name));
      const longest = found.filter(([name]) => name.length === found[0]![0].length);
      return new Set(longest.map(([, index]) => index)).size === 1 ? longest[0]![1] : undefined;
    },
    near: (label, most = mostNear) => {
      const wanted = fold(label);
      const all = names.map((name) => ({ name, distance: Math.min(...[fold(name), ...synonymsOf(name)].map((spelling) => (spelling.includes(wanted) || wanted.includes(spelling) ? 1 : editDistance(spelling, wanted)))) }));
      return all.filter(({ distance }) => distance <= Math.max(2, wanted.length / 2)).toSorted((a, b) => a.distance - b.distance).slice(0, most).map(({ name }) => name);
    },
  };
}

/** In lower case, with one space where signs or spaces stand. */
function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/[\s_\-.()]+/g, " ").trim();
}

/** "n02123045 tabby, tabby cat" is called "n02123045", "tabby, tabby cat", "tabby" and "tabby cat" too. */
function synonymsOf(label: string): string[] {
  const [, id, rest] = /^(n\d{8})[\s_-]+(.+)$/.exec(label) ?? [];
  const name = rest ?? label;
  return [...new Set([...(id === undefined ? [] : [id]), name, ...name.split(",")].map(fold).filter((part) => part !== ""))];
}

/** Keys of one class alone, by which it is found. */
function uniqueKeys(keys: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const shared = new Set<string>();
  for (const [index, own] of keys.entries()) {
    for (const key of own) {
      if (found.has(key)) shared.add(key);
      else found.set(key, index);
    }
  }
  for (const key of shared) found.delete(key);
  return found;
}

/** Whether a name begins or ends a text and no letter (after a digit no digit) goes on from it. */
function standsAtAnEnd(text: string, name: string): boolean {
  const isApart = (outside: string, inside: string) => outside === "" || !(/\p{L}/u.test(inside) ? /\p{L}/u : /[\p{L}\d]/u).test(outside);
  return (text.startsWith(name) && isApart(text.charAt(name.length), name.at(-1)!)) || (text.endsWith(name) && isApart(text.charAt(text.length - name.length - 1), name.charAt(0)));
}

/** Levenshtein's: how many letters to change, add or leave out. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
