/** @file One image after the other in a process that is warm: this engine on ONNX Runtime against PyTorch, on the same number of threads. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attribute, predictLogits } from "../src/engine/attribution/attribute.js";
import type { Compile } from "../src/engine/attribution/context.js";
import type { MethodName } from "../src/engine/attribution/methods.js";
import { float32, type Tensor } from "../src/engine/ir/tensor.js";
import type { Program } from "../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../src/runtimes/onnxruntime.js";
import { createModelCache } from "../src/worker/modelCache.js";
import { drawImages } from "./images.js";
import { checkEqual, exact, interleave, statsOf, timed, upToEdges, type Side } from "./measure.js";
import { startPeer, type Peer } from "./peer.js";
import type { Options } from "./setup.js";
import type { Row } from "./table.js";

const threads = 2;
const warmUps = 2;
const batch = 8;

/** A peer's case, what to call it, and how much slower than it is still good enough. */
interface Rival {
  readonly run: string;
  readonly name: string;
  readonly target?: number;
}

/** What this project computes, and against whom. */
interface Case {
  readonly name: string;
  readonly compute: "forward" | MethodName;
  readonly batch: 1 | 8;
  readonly rivals: readonly Rival[];
}

const cam = "Grad-CAM, warm, 1 image";
const cases: Readonly<Record<"grad-cam" | "input-gradient" | "forward", readonly Case[]>> = {
  "grad-cam": [{
    name: cam, compute: "grad-cam", batch: 1,
    rivals: [{ run: "cam-backward", name: "PyTorch, loss.backward()", target: 0.35 }, { run: "cam-layer", name: "PyTorch, autograd.grad to the layer", target: 1 }],
  }],
  "input-gradient": [
    { name: "input gradient, warm, 1 image", compute: "saliency", batch: 1, rivals: [{ run: "gradient-1", name: "PyTorch, autograd.grad to the input", target: 0.9 }] },
    { name: "input gradient, warm, 8 images", compute: "saliency", batch: 8, rivals: [{ run: "gradient-8", name: "PyTorch, autograd.grad to the input" }] },
  ],
  forward: [
    { name: "forward, warm, 1 image", compute: "forward", batch: 1, rivals: [{ run: "forward-1", name: "PyTorch, inference_mode" }] },
    { name: "forward, warm, 8 images", compute: "forward", batch: 8, rivals: [{ run: "forward-8", name: "PyTorch, inference_mode" }] },
  ],
};

/** The rows of one group. Results are compared before anything is timed. */
export async function warm(group: keyof typeof cases, { setup, runs }: Options): Promise<Row[]> {
  mkdirSync(setup.out, { recursive: true });
  const images = drawImages(batch);
  const input = join(setup.out, "input.f32");
  writeFileSync(input, images.data as Float32Array);
  const peer = setup.python && (await startPeer(setup, setup.python, input, threads));
  try {
    const compute = await ownSide(setup.model);
    const rows: Row[] = [];
    for (const item of cases[group]) rows.push(...(await compare(item, () => compute(item.compute, firstOf(images, item.batch)), peer, setup.out, runs)));
    return rows;
  } finally {
    peer?.stop();
  }
}

function firstOf({ shape: [, ...image], data }: Tensor, count: number): Tensor {
  return float32([count, ...image], (data as Float32Array).subarray(0, count * (data.length / batch)));
}

/** The engine as the worker uses it, from a ready input tensor to the raw result; programs are compiled once. */
async function ownSide(path: string): Promise<(what: Case["compute"], input: Tensor) => Promise<Float32Array>> {
  const model = createModelCache().load(path);
  const runtime = await onnxruntimeRuntime("onnxruntime", { threads });
  const programs = new Map<string, Promise<Program>>();
  const compile: Compile = (key, build) => {
    const program = programs.get(key) ?? runtime.compile(build(), model.readRange);
    programs.set(key, program);
    return program;
  };
  return async (what, input) => {
    const prepared = model.prepared(input.shape);
    const job = { classifier: model.classifier(), input, compile };
    if (what === "forward") return predictLogits(job, prepared);
    return (await attribute({ ...job, method: what, target: { index: "predicted", versus: undefined, score: "logit" }, layers: [] }, prepared)).attribution.data;
  };
}

async function compare({ name, compute: what, rivals }: Case, compute: () => Promise<Float32Array>, peer: Peer | undefined, folder: string, runs: number): Promise<Row[]> {
  const own = timed(compute);
  const found = await compute();
  const theirs: Side[] = [];
  if (peer) for (const rival of rivals) {
    const file = join(folder, `${rival.run}.f32`);
    await peer.run(rival.run, file);
    // `predictLogits` gives the logits of the first image only.
    checkEqual(`${name}, ${rival.name}`, found, new Float32Array(new Uint8Array(readFileSync(file)).buffer).subarray(0, found.length), what === "saliency" ? upToEdges : exact);
    theirs.push(() => peer.run(rival.run));
  }
  const [ours, ...others] = (await interleave([own, ...theirs], { warmUps, runs })).map((samples) => statsOf(samples.map(({ ms }) => ms)));
  return rivals.map((rival, i) => ({ name, unit: "ms", ours: ours!, peer: rival.name, theirs: others[i], target: rival.target }));
}
