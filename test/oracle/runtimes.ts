/** @file Every runtime that works on this machine, for tests; why another does not is printed once. */
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import type { Runtime } from "../../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../../src/runtimes/onnxruntime.js";
import { tfjsRuntime } from "../../src/runtimes/tfjs/tfjsRuntime.js";
import { nativeTensorflow } from "../unit/runtimes/nativeTensorflow.js";

/** ONNX Runtime and TensorFlow.js on WASM always, on native TensorFlow where it can be built; the interpreter first. */
export async function workingRuntimes(): Promise<Runtime[]> {
  const native = await nativeTensorflow();
  return [referenceRuntime, await onnxruntimeRuntime(), await tfjsRuntime("tfjs-wasm"), ...("reason" in native ? [] : [await tfjsRuntime("tfjs-tensorflow")])];
}
