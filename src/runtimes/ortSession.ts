/** @file Sessions of ONNX Runtime, and the interpreter between them where ONNX Runtime says it has no kernel. */
import { dirname, parse, relative, sep } from "node:path";
import { arch } from "node:process";
import type * as Ort from "onnxruntime-node";
import { WhylightError } from "../engine/errors.js";
import { isInMemory, typeOf, type Graph, type Node } from "../engine/ir/graph.js";
import { loadInitializers } from "../engine/ir/weights.js";
import type { Tensor } from "../engine/ir/tensor.js";
import { kernels, run } from "../engine/reference/interpreter.js";
import { fromTensor } from "../engine/reference/ndArray.js";
import type { Fallback, ReadRange, RuntimeName } from "../engine/runtime.js";
import { emitOnnx } from "./emitOnnx.js";
import { blamed, emittedName, failure, isLost } from "./ortErrors.js";
import { keepsBatchNorms, sessionWithoutCopies } from "./ortCopies.js";
import { providerOptions, type OrtProvider } from "./ortProviders.js";
import { splitGraph, type Stretch } from "./splitGraph.js";

/** What compiling needs. `note` hears of each operator that the interpreter takes over. */
export interface OrtContext {
  readonly ort: typeof Ort;
  readonly runtime: RuntimeName;
  readonly provider: OrtProvider;
  readonly threads: number | undefined;
  /** What the names of traces begin with; no trace is made where it is absent. */
  readonly profile?: string | undefined;
  readonly sharesCores?: boolean | undefined;
  /** No weight is held twice: see ortCopies.ts. */
  readonly sparesCopies: boolean;
  readonly readRange: ReadRange;
  note(fallback: Fallback): void;
  /** Hears that the graphics card is gone, in one sentence. */
  noteLost(reason: string): void;
}

/** A stretch ready to run: it finds what it reads among the values and leaves there what it writes. */
export interface Running {
  run(values: Map<string, Tensor>): Promise<void>;
  dispose(): void;
}

/** Compiles the graph; the nodes that ONNX Runtime refuses go to the interpreter, the rest into as few sessions as possible. Throws `runtimeFailed` or `outOfMemory`. */
export async function compileStretches(context: OrtContext, graph: Graph): Promise<Running[]> {
  if (graph.nodes.length === 0) return [];
  try {
    const session = await openSession(context, graph);
    return [sessionStretch(context, graph, session)];
  } catch (thrown) {
    return compileAround(context, graph, thrown);
  }
}

/** Compiles the graph without the nodes that a failure blames, which the interpreter runs. Throws the failure where it blames none. */
async function compileAround(context: OrtContext, graph: Graph, thrown: unknown): Promise<Running[]> {
  const isRefused = refused(graph, thrown);
  if (isRefused === undefined) throw failureOf(context, thrown);
  for (const { op } of graph.nodes.filter(isRefused)) context.note({ op, reason: "ONNX Runtime has no kernel for its form or types" });
  const running: Running[] = [];
  try {
    for (const stretch of splitGraph(graph, isRefused)) running.push(...(stretch.isInterpreted ? [interpreterStretch(context, stretch)] : await compileStretches(context, stretch.graph)));
  } catch (error) {
    for (const stretch of running) stretch.dispose();
    throw error;
  }
  return running;
}

function failureOf({ runtime, noteLost }: OrtContext, thrown: unknown): WhylightError {
  const error = failure(runtime, thrown);
  if (isLost(thrown)) noteLost(String(error.data["reason"]));
  return error;
}

/** The nodes like the one that is blamed: one refusal per form is enough. */
function refused(graph: Graph, thrown: unknown): ((node: Node) => boolean) | undefined {
  const culprit = blamed(thrown);
  if (culprit === undefined) return undefined;
  if ("op" in culprit) return kernels[culprit.op] !== undefined && graph.nodes.some(({ op }) => op === culprit.op) ? ({ op }) => op === culprit.op : undefined;
  const node = graph.nodes[culprit.index];
  if (node === undefined || kernels[node.op] === undefined) return undefined;
  const form = formOf(graph, node);
  return (other) => other === node || formOf(graph, other) === form;
}

function formOf(graph: Graph, { op, inputs, outputs }: Node): string {
  return [op, ...[...inputs, ...outputs].map((value) => (value === "" ? "" : `${typeOf(graph, value).dtype}${typeOf(graph, value).shape?.length}`))].join();
}

function openSession({ ort, provider, threads, profile, sharesCores, sparesCopies }: OrtContext, graph: Graph): Promise<Ort.InferenceSession> {
  const folder = weightsFolder(graph);
  const sparing = sparesCopies ? sessionWithoutCopies : undefined;
  const isQuantized = graph.nodes.some(({ op }) => op === "QuantizeLinear" || op === "DequantizeLinear");
  const options = {
    ...sparing?.extra.session,
    ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
    // Fused with its neighbours into an 8-bit kernel a layer came out a step off (ONNX Runtime 1.30, x86); between real numbers the rounding is the model's alone.
    ...(isQuantized ? { disable_quant_qdq: "1" } : {}),
    ...(sharesCores ? { "intra_op.allow_spinning": "0" } : {}),
  };
  const unwanted = [
    // Zeros padded before a maximum were taken into the pool, which pads with less than any number (ONNX Runtime 1.30).
    ...(graph.nodes.some(({ op }) => op === "MaxPool") ? ["Pad_Fusion"] : []),
    // Other processors have no blocked layout, in which a norm of its own is cheap.
    ...(provider === "cpu" && (arch === "x64" || sparesCopies) && keepsBatchNorms(graph) ? ["ConvBNFusion"] : []),
  ];
  const named = { ...graph, nodes: graph.nodes.map((node, i) => ({ ...node, name: emittedName(node, i) })) };
  return ort.InferenceSession.create(emitOnnx(named, (file) => relative(folder ?? "", file).replaceAll(sep, "/")), {
    ...providerOptions[provider],
    graphOptimizationLevel: "all",
    logSeverityLevel: 4,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    ...sparing,
    extra: { session: options, ...(unwanted.length > 0 ? { optimization: { disable_specified_optimizers: unwanted.join(";") } } : {}) },
  });
}

/** Refusals come when the session is made, a few only when it runs: then the stretch is compiled anew, once for each. */
function sessionStretch(context: OrtContext, graph: Graph, session: Ort.InferenceSession): Running {
  const { ort } = context;
  let instead: Running[] | undefined;
  return {
    run: async (values) => {
      if (instead === undefined) {
        try {
          const results = await session.run(Object.fromEntries(graph.inputs.map((name) => [name, toOrt(ort, values.get(name)!)])));
          for (const name of graph.outputs) values.set(name, fromOrt(results[name]!, typeOf(graph, name).dtype));
          return;
        } catch (thrown) {
          instead = await compileAround(context, graph, thrown);
          void session.release();
        }
      }
      for (const stretch of instead) await stretch.run(values);
    },
    dispose: () => {
      if (instead === undefined) void session.release();
      else for (const stretch of instead) stretch.dispose();
    },
  };
}

function interpreterStretch({ readRange }: OrtContext, { graph }: Stretch): Running {
  const constants = new Map([...loadInitializers(graph, readRange)].map(([name, tensor]) => [name, fromTensor(tensor)]));
  return {
    run: (values) => {
      for (const [name, tensor] of Object.entries(run(graph, Object.fromEntries(graph.inputs.map((input) => [input, values.get(input)!])), constants))) values.set(name, tensor);
      return Promise.resolve();
    },
    dispose: () => constants.clear(),
  };
}

/** ONNX Runtime takes one folder per session: the deepest that holds all weights, which may lie in folders of it, as parts do that are links to different places. */
function weightsFolder(graph: Graph): string | undefined {
  const folders = [...new Set([...graph.initializers.values()].flatMap((initializer) => (isInMemory(initializer) ? [] : [dirname(initializer.range.file)])))];
  if (new Set(folders.map((folder) => parse(folder).root)).size > 1) throw new WhylightError("runtimeFailed", { runtime: "onnxruntime", reason: "the weights lie on several drives" });
  return folders.length === 0 ? undefined : folders.reduce(commonFolder);
}

function commonFolder(one: string, other: string): string {
  let folder = one;
  while (folder !== other && !other.startsWith(folder.endsWith(sep) ? folder : folder + sep)) folder = dirname(folder);
  return folder;
}

function toOrt(ort: typeof Ort, tensor: Tensor): Ort.Tensor {
  return new ort.Tensor(tensor.dtype as "float32", tensor.data as Float32Array, tensor.shape);
}

function fromOrt(value: Ort.Tensor, dtype: Tensor["dtype"]): Tensor {
  return { dtype, shape: value.dims, data: value.data as Float32Array };
}
