/** @file HDF5 files, read in a thread that may fail, hang or run out of memory without anything else doing so. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { WhylightError } from "../../engine/errors.js";
import type { Initializer } from "../../engine/ir/graph.js";
import { tensorFromBytes } from "../../engine/ir/weights.js";
import type { Hdf5Contents, Hdf5Dataset, Hdf5Source } from "./hdf5Contents.js";

/** What the thread says at its end. */
export type Hdf5Answer = { readonly contents: Hdf5Contents } | { readonly problem: string };

/** Reading headers takes milliseconds; a gigabyte of compressed tensors some ten seconds. */
const longestRead = 60_000;

const unreadable = "its HDF5 structure cannot be read";

/** What the file at `path` (or the part of it, or the bytes out of it) holds. Throws `modelCorrupt`, whatever is wrong with it. */
export async function openHdf5(path: string, source: Hdf5Source, script = builtHdf5Thread(), limit = longestRead): Promise<Hdf5Contents> {
  const answer = await (script === undefined ? readHere(source) : readInThread(script, source, limit));
  if ("contents" in answer) return answer.contents;
  throw new WhylightError("modelCorrupt", { path, reason: answer.problem });
}

/** The thread's program, beside the bundle that this is part of; `undefined` where the code runs unbundled. */
function builtHdf5Thread(): string | undefined {
  const path = typeof __filename === "string" ? join(dirname(__filename), "hdf5.js") : undefined;
  return path !== undefined && existsSync(path) ? path : undefined;
}

function readInThread(script: string, source: Hdf5Source, limit: number): Promise<Hdf5Answer> {
  return new Promise((resolve) => {
    // What the library prints is for nobody.
    const thread = new Worker(script, { workerData: source, stdout: true, stderr: true });
    const timer = setTimeout(() => end({ problem: `reading its HDF5 structure takes longer than ${limit / 1000} s` }), limit);
    const end = (answer: Hdf5Answer) => {
      clearTimeout(timer);
      resolve(answer);
      void thread.terminate();
    };
    thread.once("message", end);
    thread.once("error", () => end({ problem: unreadable }));
    thread.once("exit", () => end({ problem: unreadable }));
  });
}

/** Unbundled, as in tests. The name of the module is kept from the bundler: the library is in the thread's bundle. */
async function readHere(source: Hdf5Source): Promise<Hdf5Answer> {
  const module = "./hdf5Contents.js";
  const { readHdf5, problemOf } = await import(module) as { readHdf5(source: Hdf5Source): Promise<Hdf5Contents>; problemOf(thrown: unknown): string };
  return readHdf5(source).then((contents) => ({ contents }), (thrown: unknown) => ({ problem: problemOf(thrown) }));
}

/** A tensor of HDF5 read from `source`; those in one piece of a file stay in it. */
export function initializerOf(source: Hdf5Source, { dtype, shape, place, bytes }: Hdf5Dataset): Initializer {
  if (!place) return tensorFromBytes(dtype, shape, bytes!);
  if ("bytes" in source) return tensorFromBytes(dtype, shape, source.bytes.subarray(place.offset, place.offset + place.length));
  return { dtype, shape, range: { file: source.path, offset: source.offset + place.offset, length: place.length } };
}
