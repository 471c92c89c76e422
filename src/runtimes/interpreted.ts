/** @file Which operators of a model the interpreter would run, on the runtimes of which that is known without compiling. */
import type { Graph } from "../engine/ir/graph.js";
import type { Fallback, RuntimeName } from "../engine/runtime.js";
import type { BackendKind } from "./tfjs/lowering.js";
import { expectedFallbacks } from "./tfjs/drySite.js";

const kinds: readonly (readonly [RuntimeName, BackendKind])[] = [["tfjs-tensorflow", "tensorflow"], ["tfjs-webgpu", "webgpu"], ["tfjs-wasm", "wasm"]];

/** For a graph whose shapes are all concrete. ONNX Runtime tells when it compiles (`Program.fallbacks`), and is not in this list. */
export function interpretedOperators(graph: Graph): (Fallback & { readonly runtime: RuntimeName })[] {
  return kinds.flatMap(([runtime, kind]) => expectedFallbacks(kind, graph).map((fallback) => ({ runtime, ...fallback })));
}
