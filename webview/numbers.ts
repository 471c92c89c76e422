/** @file Numbers as people read them here. */

/** A share of one as percent with one decimal: "45.2 %". Tiny shares stay distinguishable from none. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return "<0.1 %";
  return `${(100 * share).toFixed(1)} %`;
}

/** A value on the 0 to 1 scale of a map, or -1 to 1 for signed ones. */
export function scaled(value: number): string {
  return value.toFixed(2).replace(/^-0\.00$/, "0.00");
}

/** A raw value with three significant digits; very small and very large ones with an exponent. */
export function raw(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size < 1e-3 || size >= 1e5 ? value.toExponential(2) : Number(value.toPrecision(3)).toString();
}

/** Milliseconds without false precision. */
export function milliseconds(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : Math.round(ms).toString();
}
