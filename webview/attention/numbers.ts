/** @file Attention's numbers as people read them. */

/** A weight with three digits after the point; smaller ones with an exponent, so that they stay distinguishable from none. What a softmax leaves of masked keys is less than any of them. */
export function weightText(weight: number): string {
  if (Number.isNaN(weight)) return "–";
  if (weight > 0 && weight < 1e-6) return "<1e-6";
  return weight > 0 && weight < 0.0005 ? weight.toExponential(1) : weight.toFixed(3);
}

/** An entropy or a distance; nothing where a head has none. */
export function measureText(value: number): string {
  return Number.isNaN(value) ? "–" : value.toFixed(2);
}
