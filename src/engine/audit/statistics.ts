/** @file What counts can and cannot tell: intervals of shares, and how likely counts are by chance. */

/** The 97.5 % point of the normal distribution, for 95 % intervals. */
const z95 = 1.959963984540054;

/** Wilson's score interval (1927) of a share seen as `hits` of `tries`; by default at 95 %. All of 0 to 1 when nothing was tried. */
export function wilson(hits: number, tries: number, z = z95): [low: number, high: number] {
  if (tries === 0) return [0, 1];
  const share = hits / tries;
  const scale = 1 + (z * z) / tries;
  const middle = (share + (z * z) / (2 * tries)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / tries + (z * z) / (4 * tries * tries));
  return [hits === 0 ? 0 : Math.max(0, middle - reach), hits === tries ? 1 : Math.min(1, middle + reach)];
}

/** The natural logarithm of the gamma function for positive numbers, by Lanczos' approximation (g = 7, nine terms; relative error about 1e-15). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const at = x - 1;
  const sum = lanczos.reduce((total, term, i) => total + (i === 0 ? term : term / (at + i)), 0);
  const t = at + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(t) - t + Math.log(sum);
}

const lanczos = [0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];

/** How likely at least `hits` of `tries` are when each has the chance `chance`: the exact upper tail of the binomial distribution, summed from its largest term. */
export function binomialTail(hits: number, tries: number, chance: number): number {
  if (hits <= 0) return 1;
  if (hits > tries || chance <= 0) return 0;
  if (chance >= 1) return 1;
  // Below the mean the other tail is the short one, and one less it loses nothing.
  if (hits <= tries * chance) return 1 - binomialTail(tries - hits + 1, tries, 1 - chance);
  let term = Math.exp(logGamma(tries + 1) - logGamma(hits + 1) - logGamma(tries - hits + 1) + hits * Math.log(chance) + (tries - hits) * Math.log1p(-chance));
  let sum = term;
  for (let k = hits; k < tries && term > sum * 1e-17; k++) {
    term *= ((tries - k) / (k + 1)) * (chance / (1 - chance));
    sum += term;
  }
  return Math.min(1, sum);
}

/** McNemar's exact two-sided test (1947): how likely so uneven a split of the pairs that changed is, were both directions equally likely. 1 when nothing changed. */
export function mcNemar(fixed: number, broken: number): number {
  return Math.min(1, 2 * binomialTail(Math.max(fixed, broken), fixed + broken, 0.5));
}
