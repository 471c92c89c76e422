/** @file Makes the WASM heap refuse what it cannot hold: left alone it wraps around at 4 GiB and overwrites other tensors. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

/** The part of the WASM module that allocates. */
interface Heap {
  _malloc(size: number): number;
  _free(offset: number): void;
  readonly HEAPU8: Uint8Array;
}

/** Addresses end at 4 GiB; what XNNPACK packs for itself needs room that nobody asks about. */
const limit = 4 * 2 ** 30 - 256 * 2 ** 20;

/** Turns failing allocations of tensors into errors that say "out of memory". */
export function guardWasmMemory(backend: BackendWasm): void {
  const heap = backend.wasm as unknown as Heap;
  // Both functions replace themselves on the module at their first call, which would undo the guard.
  heap._free(heap._malloc(8));
  const { _malloc: allocate, _free: release } = heap;
  const sizes = new Map<number, number>();
  let inUse = 0;
  let isBroken = false;
  const refuse = (size: number): never => {
    throw new Error(`out of memory: the WebAssembly heap has no room for ${size} bytes more${isBroken ? " and has to be started anew" : ""}`);
  };
  heap._malloc = (size) => {
    // A heap near its end may still have holes, but growing it past the end is what corrupts it.
    const wouldGrowPastEnd = heap.HEAPU8.length + size > limit && inUse + size > limit * 0.8;
    if (isBroken || size > limit || wouldGrowPastEnd) refuse(size);
    const offset = allocate(size) >>> 0;
    isBroken = offset + size > 2 ** 32;
    if (offset === 0 || isBroken) refuse(size);
    sizes.set(offset, size);
    inUse += size;
    return offset;
  };
  heap._free = (offset) => {
    inUse -= sizes.get(offset) ?? 0;
    sizes.delete(offset);
    release(offset);
  };
}
