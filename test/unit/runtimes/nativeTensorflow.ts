/** @file The native TensorFlow for tests: built once into the cache folder, or a printed reason why not. */
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import { loadTensorflow, type NativeTensorflow } from "../../../src/runtimes/tensorflowNative.js";

interface Builder {
  ensureTensorflow(): Promise<{ folder: string } | { reason: string }>;
}

/** Loads the native TensorFlow, building it first where that is possible. */
export async function nativeTensorflow(): Promise<NativeTensorflow | { readonly reason: string }> {
  const script = pathToFileURL(resolve(import.meta.dirname, "../../../scripts/tensorflow.mjs")).href;
  const built = await ((await import(script)) as Builder).ensureTensorflow();
  const native = loadTensorflow();
  if ("reason" in native) console.log(`Skipped on native TensorFlow: ${"reason" in built ? built.reason : native.reason}`);
  return native;
}
