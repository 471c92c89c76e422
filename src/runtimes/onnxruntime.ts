/** @file ONNX Runtime on the CPU or a graphics card, by its Node binding. It blocks the thread that runs it, so it lives in the worker process. */
import { WhylightError } from "../engine/errors.js";
import type { Graph } from "../engine/ir/graph.js";
import { loadInitializer } from "../engine/ir/weights.js";
import type { Tensor } from "../engine/ir/tensor.js";
import { einsumWithoutEllipsis } from "../engine/passes/einsumByMatMul.js";
import { lower, type LoweringRule } from "../engine/passes/lower.js";
import { ortWebgpuRules } from "../engine/passes/forShaders.js";
import { convTransposeByConv, groupNormalizationPerChannel, maxPoolGradByComparison, maxPoolGradByIndices, reluMaskByClip } from "../engine/passes/lowerings.js";
import { lrnBySums, maxUnpoolByPadding, modByFloor, rmsNormalizationByMean, swishBySigmoid } from "../engine/passes/plainOperators.js";
import { recomputeAttention } from "../engine/passes/recomputeAttention.js";
import { resizeBeyondImages } from "../engine/passes/resizeByMatrices.js";
import type { Fallback, Program, Runtime } from "../engine/runtime.js";
import { rulesWithoutCopies, sparesCopies } from "./ortCopies.js";
import { providers, tryProvider, type OnnxruntimeName, type OrtProvider } from "./ortProviders.js";
import { compileStretches, type OrtContext } from "./ortSession.js";
import { typeLowerings } from "./ortTypes.js";

const onCpu = {
  ...typeLowerings, Swish: swishBySigmoid, RMSNormalization: rmsNormalizationByMean, MaxUnpool: maxUnpoolByPadding, Mod: modByFloor, LRN: lrnBySums, Einsum: einsumWithoutEllipsis,
  ConvTranspose: convTransposeByConv, GroupNormalization: groupNormalizationPerChannel, MaxPoolGrad: maxPoolGradByIndices, Sign: reluMaskByClip, Resize: resizeBeyondImages,
};

const lowerings: Readonly<Record<OrtProvider, Readonly<Record<string, LoweringRule>>>> = {
  cpu: onCpu,
  // Its MaxPool does not tell where the maxima were.
  webgpu: { ...onCpu, ...ortWebgpuRules, MaxPoolGrad: maxPoolGradByComparison },
  // What these lack runs on the CPU, inside of ONNX Runtime.
  cuda: onCpu, dml: { ...onCpu, MaxPoolGrad: maxPoolGradByComparison }, coreml: { ...onCpu, MaxPoolGrad: maxPoolGradByComparison },
};

export interface OnnxruntimeOptions {
  /** How many threads compute one operator; as many as there are cores when left out. */
  readonly threads?: number;
  /** Where ONNX Runtime leaves a trace of every operator: what the names of its files begin with. Written when a program is disposed. */
  readonly profile?: string;
}

/** Loads the binding; for a graphics card finds it first and tries it. Throws what loading throws: the caller reports it as the reason. */
export async function onnxruntimeRuntime(name: OnnxruntimeName = "onnxruntime", { threads, profile }: OnnxruntimeOptions = {}): Promise<Runtime> {
  const { provider, title, find } = providers[name];
  const device = await find();
  // Otherwise it reports its use to Microsoft, and keeps a database for that in the home folder. Read once, as the binding loads.
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  // NVIDIA's libraries otherwise round what they multiply to 10 bits. Read once, as they load.
  if (provider === "cuda") process.env["NVIDIA_TF32_OVERRIDE"] ??= "0";
  const ort = await import("onnxruntime-node");
  if (provider !== "cpu") await tryProvider(ort, name);
  let lost: string | undefined;
  const context = { ort, runtime: name, provider, threads, profile, noteLost: (reason: string) => { lost = reason; } };
  const detail = [`ONNX Runtime ${ort.env.versions?.node ?? ""}`, title, device.detail].filter((part) => part !== "").join(", ");
  return {
    name, detail, isEmulated: device.isEmulated, failure: () => lost,
    compile: (graph, readRange, options) => compile({ ...context, readRange, sharesCores: options?.sharesCores }, graph),
  };
}

async function compile(context: Omit<OrtContext, "note" | "sparesCopies">, graph: Graph): Promise<Program> {
  const { provider, readRange } = context;
  const isSparing = provider === "cpu" && sparesCopies(graph);
  const lowered = lower(provider === "cpu" ? recomputeAttention(graph) : graph, isSparing ? rulesWithoutCopies(lowerings.cpu) : lowerings[provider]);
  const fallbacks = new Map<string, Fallback>();
  const stretches = await compileStretches({ ...context, sparesCopies: isSparing, note: (fallback) => fallbacks.set(`${fallback.op}\n${fallback.reason}`, fallback) }, lowered);
  const written = new Set(lowered.nodes.flatMap((node) => node.outputs));
  return {
    get fallbacks() { return [...fallbacks.values()]; },
    run: async (inputs) => {
      const values = new Map<string, Tensor>(graph.inputs.map((name) => [name, given(inputs[name], name)]));
      for (const stretch of stretches) await stretch.run(values);
      for (const output of graph.outputs) if (!written.has(output) && !values.has(output)) values.set(output, loadInitializer(lowered.initializers.get(output)!, readRange));
      return Object.fromEntries(graph.outputs.map((name) => [name, values.get(name)!]));
    },
    dispose: () => { for (const stretch of stretches) stretch.dispose(); },
  };
}

function given(tensor: Tensor | undefined, name: string): Tensor {
  if (tensor === undefined) throw new WhylightError("inputInvalid", { reason: `input "${name}" is missing` });
  return tensor;
}
