/** @file Every runtime that works on this machine, for tests; why another does not is printed once. */
import { referenceRuntime } from "../../../src/engine/reference/referenceRuntime.js";
import type { Runtime } from "../../../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../../../src/runtimes/onnxruntime.js";
import { tfjsRuntime } from "../../../src/runtimes/tfjs/tfjsRuntime.js";
import { nativeTensorflow } from "./nativeTensorflow.js";
import { softwareCard } from "./softwareCard.js";

/**
 * ONNX Runtime and TensorFlow.js on WASM always, TensorFlow.js on native TensorFlow where it can be built, and with `webgpu` both on WebGPU where SwiftShader is;
 * the interpreter first.
 */
export async function workingRuntimes({ webgpu = true } = {}): Promise<Runtime[]> {
  const native = await nativeTensorflow();
  const card = webgpu ? await softwareCard() : { reason: "not wanted" };
  return [
    referenceRuntime, await onnxruntimeRuntime(), await tfjsRuntime("tfjs-wasm"), ...("reason" in native ? [] : [await tfjsRuntime("tfjs-tensorflow")]),
    ...("reason" in card ? [] : [await onnxruntimeRuntime("onnxruntime-webgpu"), await tfjsRuntime("tfjs-webgpu")]),
  ];
}
