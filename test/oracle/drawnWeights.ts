/** @file Weights by a formula, for recorded models whose files are too large to keep: `recording.py` draws the same. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "../../src/engine/importers/safetensors.js";
import { float32, int64, sizeOf, type Tensor } from "../../src/engine/ir/tensor.js";

interface Drawn {
  readonly file: string;
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly dtype?: "int64"; readonly low?: number; readonly high?: number }>>;
}

/** A copy of a recorded case with its weights in place; the caller deletes it. */
export function drawCase(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), "whylight-drawn-"));
  cpSync(folder, copy, { recursive: true });
  const { file, tensors } = JSON.parse(readFileSync(join(folder, "drawn.json"), "utf8")) as Drawn;
  const drawn = Object.entries(tensors).map(([name, { shape, dtype, low = 0, high = 0 }]): [string, Tensor] => {
    const size = sizeOf(shape);
    return [name, dtype === "int64" ? int64(shape, Array<number>(size).fill(0)) : float32(shape, formula(name, size, low, high))];
  });
  // A shard of TensorFlow.js is the numbers one after the other.
  const shard = () => Buffer.concat(drawn.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  writeFileSync(join(copy, file), file.endsWith(".bin") ? shard() : writeSafetensors(Object.fromEntries(drawn)));
  return copy;
}

/** `count` numbers in [low, high): the counter, mixed by MurmurHash3's last step. */
function formula(name: string, count: number, low: number, high: number): Float32Array {
  const seed = fnv1a(name);
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (seed + i) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    x ^= x >>> 16;
    return low + ((x >>> 8) / 2 ** 24) * (high - low);
  });
}

function fnv1a(text: string): number {
  let state = 2166136261;
  for (const byte of new TextEncoder().encode(text)) state = Math.imul(state ^ byte, 16777619);
  return state;
}
