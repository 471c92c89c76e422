/** @file This project's side of the warm cases: the engine as the worker uses it. */
import { attribute, predictLogits, type Attribution } from "../src/engine/attribution/attribute.js";
import type { Compile } from "../src/engine/attribution/context.js";
import type { MethodName } from "../src/engine/attribution/methods.js";
import type { GivenParameters } from "../src/engine/attribution/parameters.js";
import type { Tensor } from "../src/engine/ir/tensor.js";
import type { Program } from "../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../src/runtimes/onnxruntime.js";
import { createModelCache } from "../src/worker/modelCache.js";

/** From a ready input tensor to the raw result; logits for `forward`. */
export type Compute = (what: "forward" | MethodName, input: Tensor, parameters?: GivenParameters) => Promise<Attribution | Float32Array>;

/** A model on ONNX Runtime. Programs are compiled once. */
export async function ownSide(path: string, threads: number): Promise<Compute> {
  const model = await createModelCache().load(path);
  const runtime = await onnxruntimeRuntime("onnxruntime", { threads });
  const programs = new Map<string, Promise<Program>>();
  const compile: Compile = (key, build) => {
    const program = programs.get(key) ?? runtime.compile(build(), model.readRange);
    programs.set(key, program);
    return program;
  };
  return async (what, input, parameters = {}) => {
    const prepared = model.prepared(input.shape);
    const job = { classifier: model.classifier(), input, compile };
    if (what === "forward") return predictLogits(job, prepared);
    return attribute({ ...job, method: what, parameters, target: { index: "predicted", versus: undefined, score: "logit" }, layers: [] }, prepared);
  };
}
