/** @file Spearman's rank correlation, for maps whose scales mean nothing to each other. */

/** Ranks from 1, equal values sharing the mean of theirs. Not-a-number ranks last. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  const key = (i: number) => (Number.isNaN(values[i]!) ? Infinity : values[i]!);
  order.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  const ranked = new Float64Array(values.length);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && key(order[end]!) === key(order[first]!)) end++;
    for (let i = first; i < end; i++) ranked[order[i]!] = (first + 1 + end) / 2;
    first = end;
  }
  return ranked;
}

/** Spearman's rank correlation of every map with every other, over maps of one size; not-a-number where a map is constant, since it ranks nothing. */
export function rankCorrelations(maps: readonly ArrayLike<number>[]): number[][] {
  const ranked = maps.map((map) => standardized(ranks(map)));
  return ranked.map((a) => ranked.map((b) => dot(a, b)));
}

/** Spearman's rank correlation of two maps of one size; not-a-number where one is constant. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return dot(standardized(ranks(a)), standardized(ranks(b)));
}

/** Centred and of length 1, so that a dot product is Pearson's correlation. */
function standardized(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const length = Math.sqrt(dot(centred, centred));
  return centred.map((value) => value / length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
