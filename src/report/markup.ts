/** @file Small parts of pages and pictures as text: embedding, numbers. */

export function dataUri(mime: string, bytes: Uint8Array): string {
  return `data:${mime};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}`;
}

/** "45.2 %". */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Three digits, with an exponent where the number is very small or large. */
export function shortNumber(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(2);
}

/** Colour stops of a table of 256 colours, for a CSS or SVG gradient. */
export function colorStops(colors: Uint8Array, count = 17): string[] {
  return Array.from({ length: count }, (_, i) => {
    const at = 3 * Math.round((255 * i) / (count - 1));
    return `rgb(${colors[at]},${colors[at + 1]},${colors[at + 2]})`;
  });
}
