/** @file Opens TensorFlow.js backends by name and makes one of them current. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { WhylightError } from "../../engine/errors.js";
import { graphicsCardFor } from "../graphicsCard.js";
import { loadTensorflow, type TensorflowJs } from "../tensorflowNative.js";
import type { BackendKind } from "./lowering.js";
import { installWasmKernels } from "./wasmKernels.js";
import { guardWasmMemory } from "./wasmMemory.js";
import { startThreadedModule, wasmThreads } from "./wasmThreads.js";
import { startWebgpuBackend } from "./webgpuBackend.js";

/** The TensorFlow.js runtimes people can choose. */
export type TfjsRuntimeName = "tfjs-wasm" | "tfjs-tensorflow" | "tfjs-webgpu";

/** Where to find what a backend needs. */
export interface TfjsOptions {
  /** The folder of `tfjs-backend-wasm*.wasm`; by default beside the running file, else in the installed package. */
  readonly wasmFolder?: string;
  /** How many threads compute on WASM; by default `wasmThreads()`. The first who opens the backend decides for the process. */
  readonly threads?: number;
}

/** A backend that is ready to run. */
export interface TfjsBackend {
  readonly kind: BackendKind;
  readonly tf: TensorflowJs;
  /** What runs, with versions, for people. */
  readonly detail: string;
  readonly isEmulated?: boolean;
  /** Why it can compute no more, once that is so. */
  failure?(): string | undefined;
  /** The folder it was loaded from, where there are several it may come from. */
  readonly place?: string;
}

/** Opens a backend. Throws `runtimeUnavailable` with a one-sentence reason. */
export async function openBackend(name: TfjsRuntimeName, options: TfjsOptions): Promise<TfjsBackend> {
  const open = { "tfjs-wasm": () => openWasm(options), "tfjs-tensorflow": openNative, "tfjs-webgpu": openWebgpu };
  return open[name]();
}

/** Makes `backend` the one that new tensors and kernels use. All backends of a process share one engine, so every run begins with this. */
export function activate({ kind, tf }: TfjsBackend): void {
  if (tf.getBackend() === kind) return;
  // Takes effect before it returns, because the backend was initialised when it was opened.
  void tf.setBackend(kind);
  if (tf.getBackend() !== kind) throw new WhylightError("runtimeFailed", { reason: `TensorFlow.js did not switch to its ${kind} backend` });
}

function openNative(): TfjsBackend {
  const native = loadTensorflow();
  if ("reason" in native) throw new WhylightError("runtimeUnavailable", { runtime: "tfjs-tensorflow", reason: native.reason });
  return { kind: "tensorflow", tf: native.tf, detail: `TensorFlow.js ${native.tf.version_core}, ${native.detail}`, place: native.folder };
}

async function openWebgpu(): Promise<TfjsBackend> {
  const card = await graphicsCardFor("tfjs-webgpu");
  try {
    const tf = await import("@tensorflow/tfjs-core");
    const { failure } = await startWebgpuBackend(tf, card);
    return { kind: "webgpu", tf, detail: `TensorFlow.js ${tf.version_core} on WebGPU, ${card.detail}`, isEmulated: card.isEmulated, failure };
  } catch (error) {
    throw new WhylightError("runtimeUnavailable", { runtime: "tfjs-webgpu", reason: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
}

async function openWasm(options: TfjsOptions): Promise<TfjsBackend> {
  const folder = options.wasmFolder ?? wasmFolder();
  if (folder === undefined || !existsSync(join(folder, simdBinary))) {
    throw new WhylightError("runtimeUnavailable", { runtime: "tfjs-wasm", reason: `${simdBinary} was not found${folder === undefined ? "" : ` in ${folder}`}.` });
  }
  const listeners = listenersOfProcess();
  try {
    const tf = await import("@tensorflow/tfjs-core");
    const { version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
    const simd = (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) === true;
    started ??= startWasm(tf, folder, simd ? wasmThreads(options.threads) : 1);
    const threads = await started;
    if (!(await tf.setBackend("wasm"))) throw new Error("the backend did not initialise");
    return { kind: "wasm", tf, detail: `TensorFlow.js ${version_wasm} on WebAssembly${simd ? " with SIMD" : ""}, ${threads.detail}`, ...(threads.failure && { failure: threads.failure }) };
  } catch (error) {
    started = undefined;
    throw new WhylightError("runtimeUnavailable", { runtime: "tfjs-wasm", reason: error instanceof Error ? error.message : String(error) }, { cause: error });
  } finally {
    removeNewListeners(listeners);
  }
}

interface Threads {
  readonly detail: string;
  failure?(): string | undefined;
}

/** The process's one WASM backend. */
let started: Promise<Threads> | undefined;

async function startWasm(tf: TensorflowJs, folder: string, count: number): Promise<Threads> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(folder.endsWith(sep) ? folder : folder + sep);
  const threads = count > 1 ? await registerThreaded(tf, folder, count) : { detail: "one thread" };
  if (!(await tf.setBackend("wasm"))) throw new Error("the backend did not initialise");
  installWasmKernels(tf);
  guardWasmMemory(tf.backend() as BackendWasm);
  return threads;
}

/** Puts a backend on several threads in the place of the one that has not started yet; where that does not work, that one stays. */
async function registerThreaded(tf: TensorflowJs, folder: string, count: number): Promise<Threads> {
  try {
    const { BackendWasm, setThreadsCount } = await import("@tensorflow/tfjs-backend-wasm");
    const module = await startThreadedModule(folder, count);
    setThreadsCount(count);
    const backend = new BackendWasm(module.wasm);
    tf.removeBackend("wasm");
    tf.registerBackend("wasm", () => backend);
    return { detail: `${backend.wasm.tfjs.getThreadsCount()} threads`, failure: module.failure };
  } catch (error) {
    return { detail: `one thread (several did not start: ${error instanceof Error ? error.message : String(error)})` };
  }
}

const simdBinary = "tfjs-backend-wasm-simd.wasm";

function wasmFolder(): string | undefined {
  if (typeof __dirname === "string" && existsSync(join(__dirname, simdBinary))) return __dirname;
  try {
    return dirname(createRequire(typeof __filename === "string" ? __filename : import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  } catch {
    return undefined;
  }
}

const fatalEvents = ["uncaughtException", "unhandledRejection"] as const;
type ListenerList = readonly ((...values: never[]) => void)[];

function listenersOfProcess(): ListenerList[] {
  return fatalEvents.map((event) => process.listeners(event as "uncaughtException") as ListenerList);
}

/** The loader of the WASM module hooks both events and throws again, which would end a process that handles its own failures. */
function removeNewListeners(before: readonly ListenerList[]): void {
  fatalEvents.forEach((event, i) => {
    for (const listener of process.listeners(event as "uncaughtException") as ListenerList) {
      if (!before[i]!.includes(listener)) process.removeListener(event, listener as () => void);
    }
  });
}
