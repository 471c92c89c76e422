/** @file Measures one runtime: the gradients of small models, timed, and held against the interpreter. */
import { flopsOf, modelFamilies, type ModelFamily } from "../../engine/ir/flops.js";
import type { Graph } from "../../engine/ir/graph.js";
import { WhylightError } from "../../engine/errors.js";
import { referenceRuntime } from "../../engine/reference/referenceRuntime.js";
import { toFloat32, type Tensor } from "../../engine/ir/tensor.js";
import type { Program, Runtime } from "../../engine/runtime.js";
import { buildProbe, probeGradient, probeInput, type Probe } from "./probeModels.js";

/** What a runtime is found to be: floating-point operations per millisecond for each family, or why it must not be taken. */
export type ProbeResult = { readonly rates: Readonly<Record<ModelFamily, number>> } | { readonly unfit: string };

/** Enough for a graphics card to have something to do, and a second's work for WebAssembly. */
const batch = 4;
const mostRuns = 6;
/** A slow runtime is known well enough after this long. */
const enoughMs = 400;
/** Of the largest gradient. Float32 stays below 1e-5 here; a wrong kernel is off by far more. */
const tolerance = 1e-3;

/** Measures every family. Throws what the runtime throws when it cannot run them. */
export async function probeRuntime(runtime: Runtime): Promise<ProbeResult> {
  const rates: [ModelFamily, number][] = [];
  for (const family of modelFamilies) {
    const probe = buildProbe(family, batch);
    const { gradient, ms } = await bestRun(runtime, probe);
    if (!(await isRight(family, gradient))) return { unfit: `it computed a wrong gradient of ${family}` };
    rates.push([family, flopsOf(probe.graph) / ms]);
  }
  return { rates: Object.fromEntries(rates) as Record<ModelFamily, number> };
}

/** The fastest run: what else the machine does only makes runs slower. The first warms up, and does not count. */
async function bestRun(runtime: Runtime, probe: Probe): Promise<{ readonly gradient: Tensor; readonly ms: number }> {
  const program = await compile(runtime, probe.graph);
  const inputs = { [probeInput]: probe.input };
  try {
    const { [probeGradient]: gradient } = await program.run(inputs);
    let [best, spent] = [Infinity, 0];
    for (let i = 0; i < mostRuns && spent < enoughMs; i++) {
      const began = performance.now();
      await program.run(inputs);
      const ms = performance.now() - began;
      best = Math.min(best, ms);
      spent += ms;
    }
    return { gradient: gradient!, ms: best };
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
