/** @file Bytes as people read them. */

const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** "3.2 GB": powers of 1000, as shops and file managers count, with one decimal below ten. */
export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
