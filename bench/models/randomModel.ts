/** @file Models of known shapes with random weights: written to disk piece by piece, to the same bytes on every machine. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "../../src/engine/attribution/random.js";
import { sizeOf } from "../../src/engine/ir/tensor.js";

/** What a tensor is filled with: one number; or uniform numbers around 0 with a standard deviation, `isCentred` when those of each row sum to 0. */
export type Filling = number | { readonly deviation: number; readonly isCentred?: boolean };

export interface RandomTensor {
  /** As its library calls it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly filling: Filling;
}

/** A checkpoint as its library saves it, float32. `config` is the text of its config.json, absent for torchvision, which writes none. */
export interface RandomModel {
  readonly tensors: readonly RandomTensor[];
  readonly config?: Readonly<Record<string, unknown>>;
}

const bytesPerNumber = 4;

/** Bytes of the model's weights. */
export function bytesOf({ tensors }: RandomModel): number {
  return tensors.reduce((sum, { shape }) => sum + bytesPerNumber * sizeOf(shape), 0);
}

/** Writes `model.safetensors` and, where there is a config, `config.json` into a folder. At most one tensor is in memory. */
export function writeRandomModel(folder: string, model: RandomModel): void {
  mkdirSync(folder, { recursive: true });
  if (model.config) writeFileSync(join(folder, "config.json"), `${JSON.stringify(model.config, undefined, 2)}\n`);
  const file = openSync(join(folder, "model.safetensors"), "w");
  try {
    writeSync(file, headerOf(model));
    for (const tensor of model.tensors) writeWhole(file, new Uint8Array(numbersOf(tensor).buffer));
  } finally {
    closeSync(file);
  }
}

/** Length, JSON, and blanks up to a multiple of 8, as the format wants it. */
function headerOf({ tensors }: RandomModel): Uint8Array {
  let offset = 0;
  const entries = tensors.map(({ name, shape }) => [name, { dtype: "F32", shape, data_offsets: [offset, (offset += bytesPerNumber * sizeOf(shape))] }] as const);
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return header;
}

/** Every tensor has a stream of its own, told by its name, so that a model with a layer more has the others' weights unchanged. */
function numbersOf({ name, shape, filling }: RandomTensor): Float32Array {
  const numbers = new Float32Array(sizeOf(shape));
  if (typeof filling === "number") return numbers.fill(filling);
  const { uniform } = createRandom(hashOf(name));
  const width = filling.deviation * Math.sqrt(12);
  const row = filling.isCentred ? numbers.length / shape[0]! : 0;
  for (let i = 0; i < numbers.length; i++) numbers[i] = (uniform() - 0.5) * width;
  for (let start = 0; row > 0 && start < numbers.length; start += row) centre(numbers.subarray(start, start + row));
  return numbers;
}

function centre(row: Float32Array): void {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  for (let i = 0; i < row.length; i++) row[i]! -= mean;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** One call may write less than it was given. */
function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}
