/** @file Records made up for tests. */
import type { AuditRecord } from "../../../../src/engine/audit/record.js";
import type { SummaryHead } from "../../../../src/engine/audit/summarize.js";

export const head: SummaryHead = { model: { path: "model.onnx", sha256: "0" }, folder: "pictures", labelsFrom: "folders", labels: ["cat", "dog", "bird"], layer: "relu", started: "2026-01-01T00:00:00Z", runtime: "cpu" };

/** An image with its probabilities by class; the rest as it is usually. */
export function record(file: string, label: number, shares: readonly number[], over: Partial<AuditRecord> = {}): AuditRecord {
  const top = shares.map((share, index) => [index, share] as const).toSorted((a, b) => b[1] - a[1]);
  return {
    file, label, predicted: top[0]![0], confidence: top[0]![1], trueProbability: label < 0 ? 0 : shares[label]!, rank: label < 0 ? 0 : top.findIndex(([index]) => index === label) + 1,
    top: top.slice(0, 5), entropy: 0, width: 100, height: 100, flags: [], hash: "0000000000000000", map: undefined, features: undefined, ...over,
  };
}

/** A map with all of its mass in a square of two by two cells. */
export function squareMap(x: number, y: number): Float32Array {
  return Float32Array.from({ length: 64 }, (_, i) => (i % 8 >= x && i % 8 < x + 2 && i >= 8 * y && i < 8 * (y + 2) ? 0.25 : 0));
}
