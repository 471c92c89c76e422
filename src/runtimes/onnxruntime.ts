/** @file ONNX Runtime on the CPU, through its Node binding. It blocks the thread that runs it, so it lives in the worker process. */
import { basename, dirname } from "node:path";
import type * as Ort from "onnxruntime-node";
import { WhylightError } from "../engine/errors.js";
import { isInMemory, typeOf, type Graph } from "../engine/ir/graph.js";
import type { Tensor } from "../engine/ir/tensor.js";
import { lower } from "../engine/passes/lower.js";
import { convTransposeByConv, groupNormalizationPerChannel, maxPoolGradByIndices, reluMaskByClip } from "../engine/passes/lowerings.js";
import type { Program, Runtime } from "../engine/runtime.js";
import { emitOnnx } from "./emitOnnx.js";

const lowerings = { ConvTranspose: convTransposeByConv, GroupNormalization: groupNormalizationPerChannel, MaxPoolGrad: maxPoolGradByIndices, Sign: reluMaskByClip };

export interface OnnxruntimeOptions {
  /** How many threads compute one operator; as many as there are cores when left out. */
  readonly threads?: number;
}

/** Loads the binding. Throws what loading throws: the caller reports it as the reason. */
export async function onnxruntimeRuntime(options: OnnxruntimeOptions = {}): Promise<Runtime> {
  const ort = await import("onnxruntime-node");
  return { name: "onnxruntime", detail: `ONNX Runtime ${ort.env.versions?.node ?? ""}, CPU`, compile: (graph) => compile(ort, graph, options) };
}

async function compile(ort: typeof Ort, graph: Graph, { threads }: OnnxruntimeOptions): Promise<Program> {
  const lowered = lower(graph, lowerings);
  const folder = weightsFolder(lowered);
  const session = await ort.InferenceSession.create(emitOnnx(lowered, (file) => basename(file)), {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(folder === undefined ? {} : { extra: { session: { model_external_initializers_file_folder_path: folder } } }),
  }).catch((thrown: unknown) => { throw failure(thrown); });
  return {
    run: async (inputs) => {
      const feeds = Object.fromEntries(graph.inputs.map((name) => [name, toOrt(ort, inputs[name], name)]));
      const results = await session.run(feeds).catch((thrown: unknown) => { throw failure(thrown); });
      return Object.fromEntries(graph.outputs.map((name) => [name, fromOrt(results[name]!, typeOf(graph, name).dtype)]));
    },
    dispose: () => void session.release(),
  };
}

/** ONNX Runtime takes one folder per session; a model's weights lie in one. */
function weightsFolder(graph: Graph): string | undefined {
  const folders = new Set([...graph.initializers.values()].flatMap((initializer) => (isInMemory(initializer) ? [] : [dirname(initializer.range.file)])));
  if (folders.size > 1) throw new WhylightError("runtimeFailed", { runtime: "onnxruntime", reason: "the weights lie in several folders" });
  return [...folders][0];
}

function toOrt(ort: typeof Ort, tensor: Tensor | undefined, name: string): Ort.Tensor {
  if (tensor === undefined) throw new WhylightError("inputInvalid", { reason: `input "${name}" is missing` });
  return new ort.Tensor(tensor.dtype as "float32", tensor.data as Float32Array, tensor.shape);
}

function fromOrt(value: Ort.Tensor, dtype: Tensor["dtype"]): Tensor {
  return { dtype, shape: value.dims, data: value.data as Float32Array };
}

/** ONNX Runtime reports everything as text; running out of memory is worth telling apart. */
function failure(thrown: unknown): WhylightError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  if (/bad allocation|bad_alloc|Failed to allocate memory|out of memory/i.test(reason)) return new WhylightError("outOfMemory", { reason }, { cause: thrown });
  return new WhylightError("runtimeFailed", { runtime: "onnxruntime", reason }, { cause: thrown });
}
