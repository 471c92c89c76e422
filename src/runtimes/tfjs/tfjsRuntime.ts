/** @file The TensorFlow.js runtime: one runtime, its backends chosen by name. */
import type { Runtime } from "../../engine/runtime.js";
import { openBackend, type TfjsOptions, type TfjsRuntimeName } from "./backend.js";
export type { TfjsOptions, TfjsRuntimeName } from "./backend.js";
import { compileProgram } from "./program.js";

/**
 * The runtime of that name: `tfjs-wasm` runs everywhere, `tfjs-tensorflow` needs a native TensorFlow, `tfjs-webgpu` a graphics card.
 * Floats are computed in float32 and integers in int32, whatever the graph says. Throws `runtimeUnavailable`.
 */
export async function tfjsRuntime(name: TfjsRuntimeName, options: TfjsOptions = {}): Promise<Runtime> {
  const backend = await openBackend(name, options);
  return { name, detail: backend.detail, isEmulated: backend.isEmulated ?? false, ...(backend.place === undefined ? {} : { place: backend.place }), ...(backend.failure && { failure: backend.failure }), compile: (graph, readRange) => compileProgram(backend, graph, readRange) };
}
