/** @file What a runtime promises: forward operators only, since gradients are graphs too. */
import type { FileRange, Graph } from "./ir/graph.js";
import type { Tensor } from "./ir/tensor.js";

/** The names people choose runtimes by, fastest first. */
export const runtimeNames = ["onnxruntime", "tfjs-tensorflow", "tfjs-wasm", "reference"] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** Reads the bytes of an initializer that stayed in its file. The caller owns the returned copy or view; it may be unaligned. */
export type ReadRange = (range: FileRange) => Uint8Array;

/** A compiled graph. Holds memory until disposed. */
export interface Program {
  /**
   * Runs once. `inputs` must hold every graph input with the very shape the graph was specialised for;
   * the result holds every graph output. Throws `runtimeFailed` or `outOfMemory`.
   */
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  dispose(): void;
}

/** One way to run graphs on this machine. */
export interface Runtime {
  readonly name: RuntimeName;
  /** What actually runs, with version and device, for people: "ONNX Runtime 1.30.0, CPU". */
  readonly detail: string;
  /** Compiles a graph whose shapes are all concrete. Throws `opUnsupported` when an operator is missing here. */
  compile(graph: Graph, readRange: ReadRange): Promise<Program>;
}
