/** @file What a runtime promises: forward operators only, since gradients are graphs too. */
import type { FileRange, Graph } from "./ir/graph.js";
import type { Tensor } from "./ir/tensor.js";

/** The names people choose runtimes by, fastest first. */
export const runtimeNames = ["onnxruntime-cuda", "onnxruntime-directml", "onnxruntime-coreml", "onnxruntime-webgpu", "onnxruntime", "tfjs-tensorflow", "tfjs-webgpu", "tfjs-wasm", "reference"] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** Reads the bytes of an initializer that stayed in its file. The caller owns the returned copy or view; it may be unaligned. */
export type ReadRange = (range: FileRange) => Uint8Array;

/** An operator that a runtime leaves to the interpreter, and why: "TensorFlow.js has no kernel for it". */
export interface Fallback {
  readonly op: string;
  readonly reason: string;
}

/** A compiled graph. Holds memory until disposed. */
export interface Program {
  /** Operators of this graph that the interpreter runs, each reason once; `undefined` when there are none. */
  readonly fallbacks?: readonly Fallback[] | undefined;
  /**
   * Runs once. `inputs` must hold every graph input with the very shape the graph was specialised for;
   * the result holds every graph output. Throws `runtimeFailed` or `outOfMemory`.
   */
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  dispose(): void;
}

/** What is known of how a program will be used. */
export interface CompileOptions {
  /** Other threads work at the same time and want the cores: a thread that waits must not spin. */
  readonly sharesCores?: boolean | undefined;
}

/** One way to run graphs on this machine. */
export interface Runtime {
  readonly name: RuntimeName;
  /** What actually runs, with version and device, for people: "ONNX Runtime 1.30.0, CPU". */
  readonly detail: string;
  /** Whether what computes is a processor that only pretends to be a graphics card, which `auto` must not take. */
  readonly isEmulated?: boolean;
  /** The folder it was loaded from, where it may come from several. */
  readonly place?: string;
  /** Why it can compute no more, once its card or a thread of it is gone: what it compiled is lost, and it has to be opened anew. */
  failure?(): string | undefined;
  /** Compiles a graph whose shapes are all concrete. Throws `opUnsupported` when an operator is missing here. */
  compile(graph: Graph, readRange: ReadRange, options?: CompileOptions): Promise<Program>;
}
