/** @file The arithmetic floor: how fast this machine multiplies matrices, and how far above it the gradients are. */
import { GraphBuilder } from "../src/engine/ir/builder.js";
import { flopsOf } from "../src/engine/ir/flops.js";
import type { Graph } from "../src/engine/ir/graph.js";
import { float32, type Tensor } from "../src/engine/ir/tensor.js";
import { imageSide, measuredRuntime } from "./imageSide.js";
import { drawImages } from "./images.js";
import { interleave, statsOf, threads, timed, type Side } from "./measure.js";
import { withPeer } from "./peer.js";
import { statsOfSides } from "./compare.js";
import type { Options, Setup } from "./setup.js";
import type { GroupResult, Row, Table } from "./table.js";

/** Rows, inner axis and columns: large squares, and products as convolutions of ResNet-50 come down to (filters by filter size by places). */
const shapes = [[1024, 1024, 1024], [2048, 2048, 2048], [256, 2304, 1568], [512, 4608, 784], [2048, 512, 784], [3072, 768, 1576]] as const;
type Shape = (typeof shapes)[number];
/** The fastest of so many: what the processor can do, whatever else went on. */
const tries = 7;
const target = 1.3;

/** GFLOP/s of a product by ONNX Runtime and, where it is there, PyTorch. */
export interface Rates {
  readonly best: number;
  readonly table: Table;
}

/** Measures the machine's matrix products. */
export async function rates(setup: Setup): Promise<Rates> {
  const runtime = await measuredRuntime();
  return withPeer(setup, "floor.py", [String(threads)], async (peer) => {
    const found: { readonly shape: Shape; readonly rates: readonly number[] }[] = [];
    for (const shape of shapes) {
      const program = await runtime.compile(product(shape), () => new Uint8Array());
      const x = ones(shape[0], shape[1]);
      const sides: Side[] = [timed(() => program.run({ x })), ...(peer ? [() => peer.run(shape.join("-"))] : [])];
      const samples = await interleave(sides, { warmUps: 1, runs: tries });
      program.dispose();
      const flops = 2 * shape[0] * shape[1] * shape[2];
      found.push({ shape, rates: samples.map((side) => flops / 1e6 / Math.min(...side.map(({ ms }) => ms))) });
    }
    const cells = found.map(({ shape, rates: [ours, theirs] }) => [shape.join(" x "), Math.round(ours!), theirs === undefined ? "" : Math.round(theirs)]);
    return { best: Math.max(...found.flatMap((entry) => entry.rates)), table: { title: "Matrix products, GFLOP/s, float32", heads: ["rows x inner x columns", "ONNX Runtime", "PyTorch"], cells } };
  });
}

const ones = (...shape: readonly [number, number]): Tensor => float32(shape, new Float32Array(shape[0] * shape[1]).fill(1));

function product([rows, inner, columns]: Shape): Graph {
  const types = new Map([["x", { dtype: "float32" as const, shape: [rows, inner] }]]);
  const builder = new GraphBuilder({ name: "product", inputs: ["x"], outputs: [], nodes: [], initializers: new Map(), types }, "p/");
  return builder.build([builder.add("MatMul", ["x", builder.constant(ones(inner, columns))])]);
}

function imagesIn({ inputs, types }: Graph): number {
  return inputs.map((name) => types.get(name)?.shape).find((shape) => shape?.length === 4)![0] as number;
}

/** The time of gradients of 8 images beside the time that their arithmetic alone takes at the best rate. */
export async function floor({ setup, runs }: Options): Promise<GroupResult> {
  const { best, table } = await rates(setup);
  const rows: Row[] = [];
  for (const [model, name] of [["resnet50", "ResNet-50"], ["vit-b-16", "ViT-B/16"]] as const) {
    let flops = 0;
    const images = drawImages(8);
    // A program takes fewer images at once.
    const side = await imageSide(setup.model(model), undefined, (graph) => (flops = Math.max(flops, (flopsOf(graph) * images.shape[0]!) / imagesIn(graph))));
    const [ours] = await statsOfSides([timed(() => side.map("saliency", images))], { warmUps: 2, runs });
    const least = statsOf([flops / 1e6 / best]);
    rows.push({ name: `input gradient, ${name}, 8 images`, unit: "ms", ours: ours!, peer: `arithmetic floor: ${(flops / 1e9).toFixed(0)} GFLOP at ${best.toFixed(0)} GFLOP/s`, theirs: least, target });
  }
  return { rows, tables: [table] };
}
