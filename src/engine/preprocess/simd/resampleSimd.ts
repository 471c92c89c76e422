/** @file The two passes of resampling on four numbers at a time, where the engine that runs this has WebAssembly's vectors: the same bytes in a third of the time. */
import type { PixelImage } from "../resample.js";
import { resampleModule } from "./resampleKernels.js";

/** For each output position, where its input begins, how much of it there is, and the fixed-point weights. */
export interface Weights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly values: Int32Array;
  readonly stride: number;
}

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of the global that Node and browsers share. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: { readonly env: { readonly memory: Memory } }) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
} | undefined;

interface Kernels {
  columns(source: number, starts: number, counts: number, weights: number, stride: number, outWidth: number, target: number): void;
  rows(source: number, length: number, weights: number, end: number, target: number): void;
}

const pageSize = 65536;
/** Kernels read and write up to this many bytes beyond what they are given. */
const slack = 16;
/** Larger images would lie in memory twice; they are rare, and their decoding takes far longer. */
const mostBytes = 1 << 26;

let started: { readonly memory: Memory; readonly kernels: Kernels } | undefined | "impossible";

function start(bits: number): typeof started {
  const module = resampleModule(bits);
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(module)) return "impossible";
  try {
    const memory = new WebAssembly.Memory({ initial: 1 });
    return { memory, kernels: new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } }).exports as Kernels };
  } catch {
    // V8 keeps ten gigabytes of addresses for each memory, which `ulimit -v` may not leave.
    return "impossible";
  }
}

/** Whether there is room for so many bytes. */
function holds(memory: Memory, bytes: number): boolean {
  try {
    if (bytes > memory.buffer.byteLength) memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / pageSize));
    return true;
  } catch {
    return false;
  }
}

/**
 * Resamples an RGB image by both passes: `columns` for the rows `firstRow` to `lastRow`, then `rows`, whose starts count from the image's first row. `undefined` where there are no vectors, no memory for them, or the image is too large.
 */
export function resampleSimd(image: PixelImage, columns: Weights, rows: Weights, firstRow: number, lastRow: number, bits: number): PixelImage | undefined {
  const [outWidth, outHeight, height] = [columns.starts.length, rows.starts.length, lastRow - firstRow];
  const [inLength, length] = [image.width * 3, outWidth * 3];
  if (height * inLength > mostBytes) return undefined;
  started ??= start(bits);
  if (started === undefined || started === "impossible") return undefined;
  const { memory, kernels } = started;

  let free = 0;
  const place = (bytes: number): number => {
    const at = free;
    free += (bytes + slack + 3) & ~3;
    return at;
  };
  const tables = [columns.starts, columns.counts, columns.values, rows.values].map((table) => ({ table, at: place(table.byteLength) }));
  const [source, between, target] = [place(height * inLength), place(height * length), place(outHeight * length)];
  if (!holds(memory, free)) return undefined;
  for (const { table, at } of tables) new Int32Array(memory.buffer, at, table.length).set(table);
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(image.data.subarray(firstRow * inLength, lastRow * inLength), source);

  const [starts, counts, across, down] = tables.map(({ at }) => at) as [number, number, number, number];
  for (let y = 0; y < height; y++) kernels.columns(source + y * inLength, starts, counts, across, columns.stride, outWidth, between + y * length);
  for (let y = 0; y < outHeight; y++) {
    const weights = down + y * rows.stride * 4;
    kernels.rows(between + (rows.starts[y]! - firstRow) * length, length, weights, weights + rows.counts[y]! * 4, target + y * length);
  }
  return { width: outWidth, height: outHeight, channels: 3, data: new Uint8ClampedArray(memory.buffer.slice(target, target + outHeight * length)) };
}
