/** @file TensorFlow.js's WASM module on several threads in Node, where the backend itself would take one. */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join, sep } from "node:path";
import type { Worker } from "node:worker_threads";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { threadClass } from "./wasmThread.js";

/** A module whose kernels share their work among threads. */
export interface ThreadedModule {
  readonly wasm: BackendWasm["wasm"];
  /** Why it can compute no more, once a thread has ended. */
  failure(): string | undefined;
}

/** The loader makes so many threads, the module takes at most as many, and the last made first. */
const mostThreads = 8;

/** More than the thread pool's head and entries take. */
const poolBytes = 2048;

/** A thread that has not started by then never will. */
const patienceMs = 20_000;

/** All cores but one, which is left to whoever waits for the result; WHYLIGHT_WASM_THREADS names another number. */
export function wasmThreads(wanted = Number(process.env["WHYLIGHT_WASM_THREADS"] ?? availableParallelism() - 1)): number {
  return Math.min(mostThreads, Math.max(1, Math.floor(wanted) || 1));
}

/**
 * The program of a thread: the package's, whose text lost one level of escapes where it is quoted, and what it lacks. It would load the loader from a file, and gets the text itself.
 * One that fails sets a flag which the calling thread heeds before it waits, but not while it does: so it is woken, some times, as it may be about to wait. What it waits on lies in the
 * thread pool, before the entry of the thread that `arg` points to.
 */
const threadProgram = (contents: string): string => `${contents.replaceAll("\n", "\\n")}
globalThis.importScripts = (text) => (0, eval)(text);
const listen = self.onmessage;
let memory;
self.onmessage = (event) => {
  memory ??= event.data.wasmMemory;
  try {
    listen(event);
  } catch (thrown) {
    const words = new Int32Array(memory.buffer);
    const last = (event.data.arg >>> 2) + ${poolBytes / 4};
    for (let round = 0; event.data.cmd === "run" && round < 20; round++) {
      for (let i = Math.max(0, last - ${poolBytes / 2}); i < last; i++) Atomics.notify(words, i);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
    throw thrown;
  }
};
`;

type Loader = (settings: object) => Promise<BackendWasm["wasm"]>;

/**
 * Loads the module with `threads - 1` threads beside the one that calls. Rejects with the reason where that does not work.
 *
 * The loader is written for a process of its own: it hooks fatal errors, leaves a global `Worker`, and counts two threads to a core.
 * Its text, which the threads need anyway, is therefore compiled with our names in place of those globals.
 */
export async function startThreadedModule(folder: string, threads: number): Promise<ThreadedModule> {
  const { default: original } = await import("@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js") as { default: unknown };
  const { wasmWorkerContents } = await import("@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js");
  const source = `var WasmBackendModuleThreadedSimd = ${String(original)};`;
  let [made, failure] = [0, undefined as string | undefined];
  let giveUp: (reason: Error) => void = () => {};
  const ended = new Promise<never>((_, reject) => { giveUp = reject; });
  ended.catch(() => {});
  const workers: Worker[] = [];
  const Thread = threadClass({
    workers,
    program: threadProgram(wasmWorkerContents),
    isWanted: () => made++ > mostThreads - threads,
    onEnd: (reason) => {
      failure = `a thread of the WebAssembly module ended: ${reason}`;
      giveUp(new Error(failure));
    },
  });
  const globals = { Worker: Thread, global: {}, process: Object.create(process, { on: { value: () => {} } }) as object, require: requireFor(threads), __dirname: folder };
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is that of a pinned package, bundled with this file.
  const load = new Function(...Object.keys(globals), `${source} return WasmBackendModuleThreadedSimd;`)(...Object.values(globals)) as Loader;
  const timer = setTimeout(() => giveUp(new Error("the threads did not start in time")), patienceMs);
  try {
    const settings = {
      mainScriptUrlOrBlob: source, locateFile: (file: string) => folder + (folder.endsWith(sep) ? "" : sep) + file,
      printErr: (text: string) => giveUp(new Error(text)), quit: (_: number, thrown: unknown) => { throw thrown; },
    };
    const wasm = await Promise.race([load(settings), ended]);
    return { wasm: withTfjsFunctions(wasm), failure: () => failure };
  } catch (error) {
    for (const worker of workers) void worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The module believes in two threads to a core and starts no more of them than there are cores. */
function requireFor(threads: number): (name: string) => unknown {
  const require = createRequire(join(process.cwd(), "loader.cjs"));
  return (name) => (name === "os" ? { cpus: () => ({ length: threads * 2 }) } : require(name) as unknown);
}

/** What the backend's own start adds to a module before it makes a backend of it. */
function withTfjsFunctions(wasm: BackendWasm["wasm"]): BackendWasm["wasm"] {
  const { cwrap } = wasm as unknown as { cwrap(name: string, result: string | null, values: readonly string[]): never };
  const wrap = (name: string, result: string | null = null, ...values: string[]) => cwrap(name, result, values);
  wasm.tfjs = {
    init: wrap("init"), initWithThreadsCount: wrap("init_with_threads_count", null, "number"), getThreadsCount: wrap("get_threads_count", "number"),
    registerTensor: wrap("register_tensor", null, "number", "number", "number"), disposeData: wrap("dispose_data", null, "number"), dispose: wrap("dispose"),
  };
  return wasm;
}
