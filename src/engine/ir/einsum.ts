/** @file Reads an Einsum equation: labels per operand with the ellipsis written out. */

/** Labels are single characters; axes that `...` covers get labels of their own, counted from the last axis, so that they broadcast as shapes do. */
export interface Einsum {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** Labels are ASCII letters. */
const letters = (term: string) => term.split("");

/** The equation for operands of these ranks, or why it does not fit them. */
export function readEinsum(equation: string, ranks: readonly number[]): Einsum | string {
  const [left, right] = equation.replace(/\s/g, "").split("->") as [string, string | undefined];
  const terms = left.split(",");
  if (terms.length !== ranks.length) return `"${equation}" has ${terms.length} operands, ${ranks.length} are given`;
  const covered = terms.map((term, i) => (term.includes("...") ? ranks[i]! - (term.length - 3) : 0));
  const most = Math.max(...covered);
  const dots = (count: number) => Array.from({ length: count }, (_, i) => `.${count - i}`);
  const expand = (term: string, count: number) => { const [before, after] = term.split("...") as [string, string?]; return [...letters(before), ...(after === undefined ? [] : [...dots(count), ...letters(after)])]; };
  const operands = terms.map((term, i) => expand(term, covered[i]!));
  if (covered.some((count) => count < 0) || operands.some((labels, i) => labels.length !== ranks[i])) return `"${equation}" does not fit operands of rank ${ranks.join(", ")}`;
  if (right !== undefined) return { operands, output: expand(right, most) };
  const counts = new Map<string, number>();
  for (const label of terms.join("").replace(/\./g, "")) counts.set(label, (counts.get(label) ?? 0) + 1);
  const single = [...counts].filter(([, count]) => count === 1).map(([label]) => label).sort();
  return { operands, output: [...dots(most), ...single] };
}

/** An equation without ellipsis; labels that stood for `...` get letters that are free. */
export function writeEinsum({ operands, output }: Einsum): string {
  const used = new Set([...operands.flat(), ...output]);
  const free = letters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz").filter((letter) => !used.has(letter));
  const names = new Map([...used].map((label) => [label, label.startsWith(".") ? free.shift()! : label]));
  const term = (labels: readonly string[]) => labels.map((label) => names.get(label)!).join("");
  return `${operands.map(term).join(",")}->${term(output)}`;
}
