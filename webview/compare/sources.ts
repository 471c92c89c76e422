/** @file The texts of the compare views, by their English source. Those shared with the explanation page are in `webview/strings.ts`. */

export const compareSources = [
  "Methods compared", "Baselines compared", "Samples compared", "Original", "Black", "White", "Random", "Blur", "Mean colour", "{count} samples",
  "Average", "Where they disagree", "Mean of the raw maps", "Standard deviation across the baselines",
  "{done} of {total} maps", "Stopped", "Continue", "Waiting", "Failed", "{done} of {total} so far",
  "Open as an explanation", "Keep first", "Keep first no longer", "Swap with the one before", "Swap with the one after", "Remove", "{name}: {action}",
  "Scale", "Each its own", "One for all", "one scale for all", "own scale", "Raw values of different methods have no common unit.",
  "As each method draws it", "Order", "As asked", "Fastest first", "Least noise first", "Maps", "Sample counts", "whole numbers, separated by commas",
  "Before and after", "Left", "Right", "Position", "No slider", "{left} left of the line, {right} right of it",
  "Comparison", "Cost", "Guarantee", "Noise", "Use", "Baseline", "Change", "Rank correlation with the one before", "Rank correlations", "Maps as a table", "Map", "Most of its mass",
  "{ms} ms", "{forward} forward", "{gradient} with gradient", "gap {gap}", "not finished",
  "Noise: the share of the map's energy that a median filter of 3 × 3 removes. Time and evaluations are of this run.",
  "Change: the distance to the map before, as a share of this map's length, over all raw values.",
  "Spearman's rank correlation of the maps as their methods draw them, on a grid of {columns} × {rows} means", "Spearman's rank correlation of the maps, pixel by pixel of the model's input",
  "{value} · raw {raw}", "at ({x}, {y})", "Point at a map: every tile reads the same place",
] as const;
