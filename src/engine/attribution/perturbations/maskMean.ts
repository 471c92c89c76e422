/** @file The mean of scores weighed by masks, place by place, and how uncertain it is. */

export interface MaskMean {
  add(mask: Float32Array, score: number): void;
  /** So far: the weighed mean per place; 0 where no mask has shown a place yet. */
  values(): Float32Array;
  /** The root mean square over the places of the mean's Monte Carlo standard error. */
  standardError(): number;
}

/**
 * `visibility` is a place's expected mask value, to divide by that; `undefined` divides by the masks' own mean, and each score counts by how much it differs from the result.
 */
export function createMaskMean(places: number, visibility: number | undefined): MaskMean {
  // Per place, the sums of m, m^2, m s, m^2 s and m^2 s^2.
  const [m, mm, ms, mms, mmss] = [0, 1, 2, 3, 4].map(() => new Float64Array(places)) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  let count = 0;
  const mean = (p: number) => {
    const weight = visibility === undefined ? m[p]! : visibility * count;
    return weight === 0 ? 0 : ms[p]! / weight;
  };
  /** The variance of one mask's term around the mean, over the number of masks. */
  const variance = (p: number) => {
    if (visibility !== undefined) return (mmss[p]! / visibility ** 2 / count - mean(p) ** 2) / (count - 1);
    // Of a ratio of two means: the residuals m (s - mean), over the mean of m (Cochran, Sampling Techniques, 1977, 6.4).
    const residuals = mmss[p]! - 2 * mean(p) * mms[p]! + mean(p) ** 2 * mm[p]!;
    return m[p]! === 0 ? 0 : (residuals / m[p]! ** 2) * (count / (count - 1));
  };
  return {
    add: (mask, score) => {
      count++;
      for (let p = 0; p < places; p++) {
        const value = mask[p]!;
        if (value === 0) continue;
        m[p]! += value;
        mm[p]! += value * value;
        ms[p]! += value * score;
        mms[p]! += value * value * score;
        mmss[p]! += value * value * score * score;
      }
    },
    values: () => Float32Array.from(m, (_, p) => mean(p)),
    standardError: () => {
      let total = 0;
      for (let p = 0; p < places; p++) total += Math.max(0, variance(p));
      return Math.sqrt(total / places);
    },
  };
}
