/** @file Runs a plan: uploads inputs, calls kernels in order, frees each value after its last use. */
import type * as tfc from "@tensorflow/tfjs-core";
import { WhylightError } from "../../engine/errors.js";
import type { Graph } from "../../engine/ir/graph.js";
import { formatShape } from "../../engine/ir/shape.js";
import type { Tensor } from "../../engine/ir/tensor.js";
import type { Program, ReadRange } from "../../engine/runtime.js";
import { activate, type TfjsBackend } from "./backend.js";
import { Constants } from "./constants.js";
import { fuseActivations } from "./fuse.js";
import { planGraph, type Plan, type Step } from "./plan.js";
import { download, upload } from "./values.js";

/** Compiles `graph`, whose shapes are all concrete. Throws `opUnsupported`, or what reading the weights threw. */
export function compileProgram(backend: TfjsBackend, graph: Graph, readRange: ReadRange): Program {
  activate(backend);
  const fused = fuseActivations(graph);
  const constants = new Constants(backend.tf, fused, readRange);
  let plan: Plan;
  try {
    plan = planGraph(backend, fused, constants);
  } catch (error) {
    constants.dispose();
    throw failure(error, "compiling");
  }
  return {
    run: async (inputs) => {
      activate(backend);
      return runPlan(backend, fused, plan, constants, inputs);
    },
    dispose: () => {
      activate(backend);
      constants.dispose();
    },
  };
}

function runPlan({ tf }: TfjsBackend, graph: Graph, plan: Plan, constants: Constants, inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const { live } = plan;
  try {
    for (const name of plan.inputs) live.set(name, upload(tf, checkedInput(graph, name, inputs[name])));
    for (const step of plan.steps) runStep(tf, step, live);
    const outputs = plan.outputs.map(({ value, key, isConstant }) => {
      const tensor = isConstant ? constants.tensor(key) : live.get(key)!;
      return [value, download(tensor, graph.types.get(value)!.dtype)] as const;
    });
    return Object.fromEntries(outputs);
  } finally {
    for (const tensor of live.values()) tensor.dispose();
    live.clear();
  }
}

function runStep(tf: TfjsBackend["tf"], step: Step, live: Map<string, tfc.Tensor>): void {
  let result: tfc.Tensor | tfc.Tensor[];
  try {
    result = tf.tidy(step.run);
  } catch (error) {
    throw failure(error, step.label);
  }
  (Array.isArray(result) ? result : [result]).forEach((tensor, i) => {
    const key = step.writes[i];
    if (key === undefined) tensor.dispose();
    else live.set(key, tensor);
  });
  for (const key of step.frees) {
    live.get(key)?.dispose();
    live.delete(key);
  }
}

function checkedInput(graph: Graph, name: string, tensor: Tensor | undefined): Tensor {
  const shape = graph.types.get(name)?.shape;
  if (tensor === undefined) throw new WhylightError("runtimeFailed", { reason: `the input "${name}" is missing` });
  if (formatShape(shape) !== formatShape(tensor.shape)) {
    throw new WhylightError("runtimeFailed", { reason: `the input "${name}" is ${formatShape(tensor.shape)} where ${formatShape(shape)} was compiled` });
  }
  return tensor;
}

function failure(error: unknown, where: string): WhylightError {
  if (error instanceof WhylightError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const isMemory = /out of memory|allocat|\bOOM\b|enlarge memory/i.test(reason);
  return new WhylightError(isMemory ? "outOfMemory" : "runtimeFailed", { reason: `${where}: ${reason}` }, { cause: error });
}
