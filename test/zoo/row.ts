/** @file One row of the zoo's table, and what makes it pass. */
import type { ZooFacts, ZooFile } from "./record.js";

/** The layer Grad-CAM takes by default, and why its map is blank, when it is. */
export interface Cam {
  readonly layer: string;
  readonly op: string;
  readonly grid: readonly [height: number, width: number];
  readonly remark: string | undefined;
}

/** Relative errors against PyTorch's float64, or the error that stopped it. */
export type Outcome = { readonly logits: number; readonly gradient: number; readonly cam: Cam | undefined; readonly seconds: number } | { readonly error: string; readonly seconds: number };

export interface Row {
  readonly name: string;
  readonly kind: ZooFacts["kind"];
  readonly floor: ZooFacts["floor"];
  readonly file: ZooFile;
  /** Runtime name to what it gave; empty when there is no file. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

/** Errors may reach 1e-4, or three times what PyTorch's own float32 loses. */
export function toleranceOf(row: Row): { readonly logits: number; readonly gradient: number } {
  return { logits: Math.max(1e-4, 3 * row.floor.logits), gradient: Math.max(1e-4, 3 * row.floor.gradient) };
}

/** Why the row is not counted: the exporter failed, or its file does not compute what PyTorch does even as it is. A row that passes all the same is counted. */
export function notCounted(row: Row): string | undefined {
  if (row.file.error !== undefined) return `the exporter fails: ${row.file.error}`;
  const wrong = row.file.fileError ?? Infinity;
  const isFaithful = wrong <= Math.max(1e-3, 10 * row.floor.logits) || Object.values(row.outcomes).every((outcome) => faultOf(row, outcome) === undefined);
  return isFaithful ? undefined : `the exported file itself is off by ${wrong.toExponential(0)} in ONNX Runtime`;
}

/** `undefined` when a runtime's result is right, else what is wrong. */
export function faultOf(row: Row, outcome: Outcome | undefined): string | undefined {
  if (outcome === undefined) return "the process ended";
  if ("error" in outcome) return outcome.error;
  const tolerance = toleranceOf(row);
  const wrong = (["logits", "gradient"] as const).filter((what) => !(outcome[what] <= tolerance[what]));
  return wrong.length === 0 ? undefined : wrong.map((what) => `${what} off by ${outcome[what].toExponential(1)}, allowed ${tolerance[what].toExponential(1)}`).join("; ");
}
