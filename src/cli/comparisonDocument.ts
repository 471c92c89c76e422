/** @file The JSON document of `compare`: a contract that scripts depend on. Add fields; never rename or remove one. */
import { changeBetween, correlationsOf, noiseShare } from "../drawing/comparison.js";
import type { Explanation, Prediction } from "../protocol/api.js";
import type { ComparisonKind, TileRequest } from "../protocol/comparison.js";
import { factsOf } from "../protocol/methodFacts.js";
import { resultDocument, roundedMs, type ErrorEntry, type ResultDocument } from "./resultDocument.js";

/** One finished map. */
export interface ComparedMap {
  readonly request: TileRequest;
  readonly explanation: Explanation;
  /** Remarks in the reader's language. */
  readonly notes: readonly string[];
  /** The picture's file in the output folder, and the tensors'. */
  readonly files: { readonly overlay: string; readonly tensors: string };
  /** The raw values at the ends of its scale. */
  readonly ends: readonly [low: number, high: number];
}

/** One row of the comparison table. */
export interface ComparisonEntry {
  readonly id: string;
  readonly method: string;
  readonly parameters: Explanation["parameters"];
  readonly layer: string | null;
  readonly cost: { readonly computeMs: number; readonly forward: number; readonly gradient: number; readonly isCached: boolean };
  /** What the method promises, and what it is for, in English. */
  readonly guarantee: string;
  readonly use: string;
  /** The share of the map's energy that a median filter of 3 × 3 removes, of the map as its method draws it. */
  readonly noise: number;
  readonly completeness: Explanation["completeness"];
  /** From the map before (samples only): Euclidean distance as a share of this map's length, and Spearman's rank correlation pixel by pixel. */
  readonly change: { readonly distance: number; readonly rankCorrelation: number | null } | null;
  readonly ends: readonly [low: number, high: number];
  readonly files: ComparedMap["files"];
  readonly notes: readonly string[];
  readonly ms: Explanation["ms"];
}

export interface ComparisonDocument extends ResultDocument<ComparisonEntry> {
  readonly kind: ComparisonKind;
  readonly input: string;
  readonly score: string;
  readonly target: Prediction | null;
  readonly versus: Prediction | null;
  /** Whether equal colours mean equal raw values. */
  readonly scale: "own" | "shared";
  /** Spearman's rank correlations between the results, in their order, on a grid of means (`null` pixel by pixel); `null` for a map that is the same everywhere. */
  readonly rankCorrelations: { readonly grid: readonly [rows: number, columns: number] | null; readonly values: readonly (readonly (number | null)[])[] };
  /** The contact sheet, and the maps made of the others. */
  readonly files: { readonly sheet: string; readonly average?: string; readonly disagreement?: string } | null;
}

/** The document of a run, with everything measured. */
export function comparisonDocument(
  modelPath: string, kind: ComparisonKind, input: string, scale: ComparisonDocument["scale"], maps: readonly ComparedMap[], files: ComparisonDocument["files"], errors: readonly ErrorEntry[],
): ComparisonDocument {
  const last = maps.at(-1)?.explanation;
  const { matrix, grid } = correlationsOf(maps.map(({ explanation }) => explanation), kind === "methods");
  return {
    kind, input, score: last?.score ?? "logit", target: last?.target ?? null, versus: last?.versus ?? null, scale,
    ...resultDocument(modelPath, last, maps.map((map, i) => entryOf(map, kind === "samples" ? maps[i - 1] : undefined)), errors),
    rankCorrelations: { grid: grid ?? null, values: matrix.map((row) => row.map(orNull)) }, files,
  };
}

function entryOf({ request, explanation, notes, files, ends }: ComparedMap, before: ComparedMap | undefined): ComparisonEntry {
  const { method, parameters, layer, completeness, evaluations, ms, isCached } = explanation;
  const change = before && changeBetween(before.explanation, explanation);
  return {
    id: request.id, method, parameters, layer: layer ?? null, cost: { computeMs: roundedMs(ms).compute, ...evaluations, isCached }, ...factsOf(method), noise: noiseShare(explanation.heatmap), completeness,
    change: change ? { distance: change.distance, rankCorrelation: orNull(change.correlation) } : null, ends, files, notes, ms: roundedMs(ms),
  };
}

/** JSON has no not-a-number. */
function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
