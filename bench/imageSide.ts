/** @file This project's side of the image cases: the engine as the worker uses it. */
import { attribute, predictLogits, type Attribution } from "../src/engine/attribution/attribute.js";
import type { Compile } from "../src/engine/attribution/context.js";
import type { MethodName } from "../src/engine/attribution/methods.js";
import type { GivenParameters } from "../src/engine/attribution/parameters.js";
import type { Graph } from "../src/engine/ir/graph.js";
import type { Tensor } from "../src/engine/ir/tensor.js";
import type { Program, ReadRange, Runtime } from "../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../src/runtimes/onnxruntime.js";
import { createModelCache } from "../src/worker/modelCache.js";
import { threads } from "./measure.js";
import type { Target } from "../src/engine/attribution/target.js";

export const predicted: Target = { index: "predicted", versus: undefined, score: "logit" };

/** From a ready input to the raw result. */
export interface ImageSide {
  /** `[classes]`, of the first image. */
  forward(input: Tensor): Promise<Float32Array>;
  explain(method: MethodName, input: Tensor, parameters?: GivenParameters): Promise<Attribution>;
  /** The raw map alone. */
  map(method: MethodName, input: Tensor, parameters?: GivenParameters): Promise<Float32Array>;
}

/** The runtime that is measured unless another is asked for. */
export const measuredRuntime = (): Promise<Runtime> => onnxruntimeRuntime("onnxruntime", { threads });

/** Compiles each program once. `seen` gets every graph before it is compiled. */
export function compileOnce(runtime: Runtime, readRange: ReadRange, seen: (graph: Graph) => void = () => {}): Compile {
  const programs = new Map<string, Promise<Program>>();
  const build = (make: () => Graph) => {
    const graph = make();
    seen(graph);
    return runtime.compile(graph, readRange);
  };
  return (key, make) => {
    const program = programs.get(key) ?? build(make);
    programs.set(key, program);
    return program;
  };
}

/** A model, ready to be asked. */
export async function imageSide(path: string, runtime?: Runtime, seen?: (graph: Graph) => void): Promise<ImageSide> {
  const model = await createModelCache().load(path);
  const compile = compileOnce(runtime ?? (await measuredRuntime()), model.readRange, seen);
  const explain: ImageSide["explain"] = (method, input, parameters = {}) =>
    attribute({ classifier: model.classifier(), input, compile, method, parameters, target: predicted, layers: [] }, model.prepared(input.shape));
  return {
    explain,
    forward: (input) => predictLogits({ classifier: model.classifier(), input, compile }, model.prepared(input.shape)),
    map: async (method, input, parameters) => (await explain(method, input, parameters)).attribution.data as Float32Array,
  };
}
