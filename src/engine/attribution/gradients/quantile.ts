/** @file An order statistic without sorting everything. */

/** The quantile of the values that is one of them, the lower where it falls between two (numpy's `method="lower"`). Leaves the values as they are. */
export function quantileLower(values: Float64Array, fraction: number): number {
  const wanted = Math.floor(fraction * (values.length - 1));
  const at = values.slice();
  let [low, high] = [0, at.length - 1];
  // Hoare's selection: the wanted one stays between `low` and `high`.
  while (low < high) {
    const pivot = at[(low + high) >> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (at[i]! < pivot) i++;
      while (at[j]! > pivot) j--;
      if (i <= j) {
        [at[i], at[j]] = [at[j]!, at[i]!];
        i++;
        j--;
      }
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return at[wanted]!;
}
