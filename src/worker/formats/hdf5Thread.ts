/** @file The thread that reads one HDF5 file: a bundle of its own, since the library is large and a hostile file must be able to take only this thread with it. */
import { parentPort, workerData } from "node:worker_threads";
import type { Hdf5Answer } from "./hdf5.js";
import type { Hdf5Source } from "./hdf5Contents.js";

/** What the library may take. It needs a few megabytes; a file that makes it ask for more is none that we read. */
const mostMemory = 2 ** 30;
const pageBytes = 2 ** 16;

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
const memory = (globalThis as unknown as { readonly WebAssembly: { readonly Memory: { readonly prototype: Memory } } }).WebAssembly.Memory.prototype;
const { grow } = memory;
memory.grow = function (this: Memory, pages: number) {
  if (this.buffer.byteLength + pages * pageBytes > mostMemory) throw new RangeError("the HDF5 library asks for too much memory");
  return grow.call(this, pages);
};

const answer = (value: Hdf5Answer) => parentPort!.postMessage(value);
void import("./hdf5Contents.js").then(({ readHdf5, problemOf }) => readHdf5(workerData as Hdf5Source).then((contents) => answer({ contents }), (thrown: unknown) => answer({ problem: problemOf(thrown) })));
