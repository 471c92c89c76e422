/** @file Sees images in threads beside the one that runs the model. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Preprocess } from "../../engine/preprocess/description.js";
import { fed, seeFile, type SeenFile, type SeenPixels, type UnseenFile } from "./seenImage.js";

/** What a thread is started with, asked and answers. */
export interface DecodeSetup {
  readonly preprocess: Preprocess;
}
export interface DecodeRequest {
  readonly id: number;
  readonly path: string;
}
export interface DecodeAnswer {
  readonly id: number;
  readonly seen: SeenPixels | UnseenFile;
}

export interface DecodePool {
  readonly threads: number;
  see(path: string): Promise<SeenFile | UnseenFile>;
  close(): Promise<void>;
}

interface DecodeThread {
  readonly worker: Worker;
  readonly waiting: Map<number, { readonly path: string; readonly resolve: (seen: SeenFile | UnseenFile | Promise<SeenFile | UnseenFile>) => void }>;
}

/** Decoding itself runs in threads of the system's; one of ours for each core but the model's keeps up with resizing and measuring. */
export const defaultThreads = (): number => Math.max(1, Math.min(8, availableParallelism() - 1));

/** Space for what lives as long as one image. Left alone it grows with the number of images, up to what a page with many views would want. */
const youngMb = 8;

/** The thread's program, beside the bundle that this is part of; `undefined` where the code runs unbundled. */
export function builtDecodeThread(): string | undefined {
  const path = typeof __filename === "string" ? join(dirname(__filename), "decode.js") : undefined;
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** A pool of threads that run `script`; without one, images are seen in this thread. A thread that dies loses no image: what it had is seen here. */
export function createDecodePool(preprocess: Preprocess, threads: number, script = builtDecodeThread()): DecodePool {
  const here = (path: string) => seeFile(path, preprocess);
  if (script === undefined) return { threads: 0, see: here, close: async () => {} };
  const pool: DecodeThread[] = [];
  let next = 0;

  const start = (): DecodeThread => {
    const thread: DecodeThread = { worker: new Worker(script, { workerData: { preprocess } satisfies DecodeSetup, resourceLimits: { maxYoungGenerationSizeMb: youngMb } }), waiting: new Map() };
    thread.worker.on("message", ({ id, seen }: DecodeAnswer) => {
      thread.waiting.get(id)?.resolve(fed(seen, preprocess));
      thread.waiting.delete(id);
    });
    const onEnd = () => {
      pool.splice(pool.indexOf(thread) >>> 0, 1);
      for (const { path, resolve } of thread.waiting.values()) resolve(here(path));
      thread.waiting.clear();
    };
    thread.worker.once("error", onEnd);
    thread.worker.once("exit", onEnd);
    return thread;
  };
  while (pool.length < threads) pool.push(start());

  return {
    threads,
    see: (path) => {
      const [first, ...others] = pool;
      if (first === undefined) return here(path);
      const idlest = others.reduce((best, thread) => (thread.waiting.size < best.waiting.size ? thread : best), first);
      const id = next++;
      return new Promise((resolve) => {
        idlest.waiting.set(id, { path, resolve });
        idlest.worker.postMessage({ id, path } satisfies DecodeRequest);
      });
    },
    close: async () => {
      await Promise.all(pool.splice(0).map(({ worker }) => worker.terminate()));
    },
  };
}
