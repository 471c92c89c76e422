/** @file Measures one runtime: the gradients of small models, timed, and held against the interpreter. */
import { flopsOf, modelFamilies, type ModelFamily } from "../../engine/ir/flops.js";
import type { Graph } from "../../engine/ir/graph.js";
import { WhylightError } from "../../engine/errors.js";
import { referenceRuntime } from "../../engine/reference/referenceRuntime.js";
import { toFloat32, type Tensor } from "../../engine/ir/tensor.js";
import type { Program, Runtime } from "../../engine/runtime.js";
import { buildProbe, probeGradient, probeInput } from "./probeModels.js";

/** What a runtime is found to be: floating-point operations per millisecond for each family, of gradients and of forward passes, or why it must not be taken. */
export type ProbeResult = { readonly rates: Readonly<Record<ModelFamily, number>>; readonly forward: Readonly<Record<ModelFamily, number>> } | { readonly unfit: string };

/** Enough for a graphics card to have something to do, and a second's work for WebAssembly. */
const batch = 4;
const mostRuns = 6;
/** A slow runtime is known well enough after this long. */
const enoughMs = 400;
/** Of the largest gradient. Float32 stays below 1e-5 here; a wrong kernel is off by far more. */
const tolerance = 1e-3;

/** Measures every family. Throws what the runtime throws when it cannot run them. */
export async function probeRuntime(runtime: Runtime): Promise<ProbeResult> {
  const [rates, forward] = [{}, {}] as [Record<ModelFamily, number>, Record<ModelFamily, number>];
  for (const family of modelFamilies) {
    const probe = buildProbe(family, batch);
    const { output, ms } = await bestRun(runtime, probe.graph, probe.input);
    if (!(await isRight(family, output))) return { unfit: `it computed a wrong gradient of ${family}` };
    rates[family] = flopsOf(probe.graph) / ms;
    forward[family] = flopsOf(probe.forward) / (await bestRun(runtime, probe.forward, probe.input)).ms;
  }
  return { rates, forward };
}

/** The fastest run: what else the machine does only makes runs slower. The first warms up, and does not count. */
async function bestRun(runtime: Runtime, graph: Graph, input: Tensor): Promise<{ readonly output: Tensor; readonly ms: number }> {
  const program = await compile(runtime, graph);
  const inputs = { [probeInput]: input };
  try {
    const { [graph.outputs[0]!]: output } = await program.run(inputs);
    let [best, spent] = [Infinity, 0];
    for (let i = 0; i < mostRuns && spent < enoughMs; i++) {
      const began = performance.now();
      await program.run(inputs);
      const ms = performance.now() - began;
      best = Math.min(best, ms);
      spent += ms;
    }
    return { output: output!, ms: best };
  } finally {
    program.dispose();
  }
}

/** Whether the first example's gradient is the one that the interpreter finds for it alone. */
async function isRight(family: ModelFamily, gradient: Tensor): Promise<boolean> {
  const { graph, input } = buildProbe(family, 1);
  const { [probeGradient]: expected } = await (await compile(referenceRuntime, graph)).run({ [probeInput]: input });
  const [found, right] = [toFloat32(gradient), toFloat32(expected!)];
  const largest = right.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return right.every((value, i) => Math.abs(found[i]! - value) <= tolerance * largest);
}

/** Probes have their weights in memory. */
function compile(runtime: Runtime, graph: Graph): Promise<Program> {
  return runtime.compile(graph, ({ file }) => {
    throw new WhylightError("internal", { reason: `a probe reads ${file}` });
  });
}
