/** @file Where the time of ResNet-50's input gradient goes, by ONNX Runtime's own profile, beside what its arithmetic must take. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { flopsOf } from "../src/engine/ir/flops.js";
import { onnxruntimeRuntime } from "../src/runtimes/onnxruntime.js";
import { imageSide } from "./imageSide.js";
import { drawImages } from "./images.js";
import { threads } from "./measure.js";
import { rates } from "./floor.js";
import type { Options } from "./setup.js";
import type { Table } from "./table.js";

/** An event of the trace, times in microseconds. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

const images = 8;
const least = 0.005;
/** Operators that multiply matrices, fused ones included. */
const multiplies = /^(Fused|Nhwc)?(Conv|ConvTranspose|Gemm|MatMul)$/;

/** A row per operator that takes half a percent or more, and what the products would take at the machine's best rate. */
export async function profile({ setup, runs }: Options): Promise<Table[]> {
  const folder = join(setup.work, "profile");
  mkdirSync(folder);
  let flops = 0;
  const runtime = await onnxruntimeRuntime("onnxruntime", { threads, profile: join(folder, "trace") });
  const programs: { dispose(): void }[] = [];
  const kept = { ...runtime, compile: async (...given: Parameters<typeof runtime.compile>) => {
    const program = await runtime.compile(...given);
    programs.push(program);
    return program;
  } };
  const side = await imageSide(setup.model("resnet50"), kept, (graph) => (flops = Math.max(flops, flopsOf(graph))));
  const input = drawImages(images);
  for (let i = 0; i <= runs; i++) await side.map("saliency", input);
  // The trace is written when the session ends.
  for (const program of programs) program.dispose();
  const events = readdirSync(folder).flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as TraceEvent[]);
  const shares = sharesOf(events, runs + 1);
  const { best } = await rates(setup);
  const products = shares.filter(({ op }) => multiplies.test(op)).reduce((sum, { ms }) => sum + ms, 0);
  const limit = flops / 1e6 / best;
  return [{
    title: `Where the time of the input gradient goes, ResNet-50, ${images} images`, heads: ["operator", "calls", "ms", "share"],
    cells: shares.filter(({ share }) => share >= least).map(({ op, calls, ms, share }) => [op, calls, Number(ms.toFixed(1)), `${(100 * share).toFixed(1)} %`]),
    note: `Products of matrices take ${products.toFixed(0)} ms of ${shares.reduce((sum, { ms }) => sum + ms, 0).toFixed(0)}; their ${(flops / 1e9).toFixed(0)} GFLOP would take ${limit.toFixed(0)} ms at the ${best.toFixed(0)} GFLOP/s of this machine's best product.`,
  }];
}

/** Milliseconds per run and operator, the most expensive first. */
export function sharesOf(events: readonly TraceEvent[], runs: number): { readonly op: string; readonly calls: number; readonly ms: number; readonly share: number }[] {
  const sums = new Map<string, { calls: number; ms: number }>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== "Node" || !name.endsWith("_kernel_time") || args?.op_name === undefined) continue;
    const sum = sums.get(args.op_name) ?? { calls: 0, ms: 0 };
    sums.set(args.op_name, { calls: sum.calls + 1 / runs, ms: sum.ms + dur / 1000 / runs });
  }
  const all = [...sums.values()].reduce((total, { ms }) => total + ms, 0);
  return [...sums].map(([op, { calls, ms }]) => ({ op, calls: Math.round(calls), ms, share: ms / all })).toSorted((a, b) => b.ms - a.ms);
}
