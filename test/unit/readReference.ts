/** @file Recorded arrays, and how far ours are from them. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import type { Tensor } from "../../src/engine/ir/tensor.js";
import { openByteSource } from "../../src/worker/files.js";

const here = dirname(fileURLToPath(import.meta.url));

/** The folder of a fixture. */
export function fixture(...names: readonly string[]): string {
  return join(here, "../fixtures", ...names);
}

/** A recorded model's folder, which is beside the repository where the product is developed; `undefined` elsewhere. */
export function sharedReference(...names: readonly string[]): string | undefined {
  const path = join(here, "../../../shared/reference", ...names);
  return existsSync(path) ? path : undefined;
}

/** Every array of a file. */
export function readArrays(path: string): Map<string, Tensor> {
  const source = openByteSource(path);
  try {
    return readSafetensors(source);
  } finally {
    source.close();
  }
}

/** `max |a - b| / max |b|`, the measure of the recorded tolerances. Infinite where sizes differ, so that a missing array cannot pass. */
export function relativeError(actual: ArrayLike<number>, expected: Tensor | undefined): number {
  if (expected === undefined || actual.length !== expected.data.length || actual.length === 0) return Infinity;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < actual.length; i++) {
    const value = Number(expected.data[i]);
    const gap = Math.abs(actual[i]! - value);
    if (Number.isNaN(gap)) return Infinity;
    difference = Math.max(difference, gap);
    scale = Math.max(scale, Math.abs(value));
  }
  return difference / scale;
}
