/** @file Runs a plan: uploads inputs, calls kernels in order, frees each value after its last use. */
import type * as tfc from "@tensorflow/tfjs-core";
import { WhylightError } from "../../engine/errors.js";
import type { Graph } from "../../engine/ir/graph.js";
import { formatShape } from "../../engine/ir/shape.js";
import type { Tensor } from "../../engine/ir/tensor.js";
import { lower } from "../../engine/passes/lower.js";
import type { Program, ReadRange } from "../../engine/runtime.js";
import { tellsOfMemory } from "../failureTexts.js";
import { activate, type TfjsBackend } from "./backend.js";
import { Constants, keyOf } from "./constants.js";
import { fuseActivations } from "./fuse.js";
import { watchCard } from "./webgpuBackend.js";
import { graphLowerings } from "./graphLowerings.js";
import { planGraph, type Plan, type Step } from "./plan.js";

/** Compiles `graph`, whose shapes are all concrete. Throws `opUnsupported`, or what reading the weights threw. */
export function compileProgram(backend: TfjsBackend, graph: Graph, readRange: ReadRange): Promise<Program> {
  return inTurn(backend, async () => {
    const fused = fuseActivations(lower(graph, graphLowerings[backend.kind]));
    const constants = new Constants(backend.tf, fused, readRange);
    let plan: Plan;
    try {
      plan = await planGraph(backend, fused, constants);
    } catch (error) {
      constants.dispose();
      throw failure(error, "compiling");
    }
    return {
      fallbacks: plan.fallbacks,
      run: (inputs) => inTurn(backend, () => runPlan(backend, fused, plan, inputs)),
      dispose: () => constants.dispose(),
    };
  });
}

let last: Promise<unknown> = Promise.resolve();

/** One job at a time with its backend current: reading back from a graphics card gives others a turn, and one engine serves all backends. */
function inTurn<Result>(backend: TfjsBackend, job: () => Promise<Result>): Promise<Result> {
  const result = last.then(() => {
    const ended = backend.failure?.();
    if (ended !== undefined) throw new WhylightError("runtimeFailed", { reason: ended });
    activate(backend);
    return backend.kind === "webgpu" ? watchCard(backend, job).catch((error: unknown) => { throw failure(error, "running"); }) : job();
  });
  last = result.catch(() => {});
  return result;
}

async function runPlan({ tf }: TfjsBackend, graph: Graph, plan: Plan, inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const { live, hosts } = plan;
  try {
    for (const name of plan.inputs) hosts.set(keyOf(name, "host"), checkedInput(graph, name, inputs[name]));
    for (const step of plan.steps) await runStep(tf, step, plan);
    return Object.fromEntries(plan.outputs.map(({ value, from }) => [value, typeof from === "string" ? hosts.get(from)! : from]));
  } finally {
    for (const tensor of live.values()) tensor.dispose();
    live.clear();
    hosts.clear();
  }
}

async function runStep(tf: TfjsBackend["tf"], step: Step, { live, hosts }: Plan): Promise<void> {
  try {
    if (step.where === "host") (await step.run()).forEach((tensor, i) => { if (step.writes[i] !== undefined) hosts.set(step.writes[i], tensor); });
    else keepTensors(tf.tidy(step.run), step.writes, live);
  } catch (error) {
    throw failure(error, step.label);
  }
  for (const key of step.frees) {
    live.get(key)?.dispose();
    live.delete(key);
    hosts.delete(key);
  }
}

function keepTensors(result: tfc.Tensor | tfc.Tensor[], writes: Step["writes"], live: Map<string, tfc.Tensor>): void {
  (Array.isArray(result) ? result : [result]).forEach((tensor, i) => {
    const key = writes[i];
    if (key === undefined) tensor.dispose();
    else live.set(key, tensor);
  });
}

function checkedInput(graph: Graph, name: string, tensor: Tensor | undefined): Tensor {
  const shape = graph.types.get(name)?.shape;
  if (tensor === undefined) throw new WhylightError("runtimeFailed", { reason: `the input "${name}" is missing` });
  if (formatShape(shape) !== formatShape(tensor.shape)) {
    throw new WhylightError("runtimeFailed", { reason: `the input "${name}" is ${formatShape(tensor.shape)} where ${formatShape(shape)} was compiled` });
  }
  return tensor;
}

/** What the WASM module throws out of a kernel that waits for a thread which failed. */
const interrupted = "unwind";

function failure(error: unknown, where: string): WhylightError {
  if (error instanceof WhylightError) return error;
  const reason = error === interrupted ? "a thread of the WebAssembly module ended" : error instanceof Error ? error.message : String(error);
  return new WhylightError(tellsOfMemory(reason) ? "outOfMemory" : "runtimeFailed", { reason: `${where}: ${reason}` }, { cause: error });
}
