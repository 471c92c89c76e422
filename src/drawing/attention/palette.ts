/** @file Colours of heads: apart for common kinds of colour blindness where they stand side by side, and readable on a light or a dark ground. */

/** After Okabe and Ito's eight, made darker for light grounds and lighter for dark ones, in two rounds of different lightness. Heads beyond take them again: their number always stands beside. */
const headColors = {
  light: ["#0072b2", "#c25100", "#00805c", "#b0568f", "#8a6500", "#2f8fc0", "#5b3fa8", "#6b6b6b", "#003f66", "#7a2f00", "#004d38", "#6d2454", "#514000", "#1b5878", "#331f70", "#333333"],
  dark: ["#56b4e9", "#e69f00", "#2cc39a", "#e08fc0", "#f0e442", "#ff8a5c", "#a99cf5", "#c9c9c9", "#2f86bd", "#b57c00", "#129070", "#b8619a", "#b3a817", "#d1602f", "#7f6fd8", "#8f8f8f"],
} as const;

/** The colour of a head, as `#rrggbb`. */
export function headColor(head: number, theme: "light" | "dark"): string {
  const colors = headColors[theme];
  return colors[head % colors.length]!;
}
