/** @file One image after the other in a process that is warm: this engine on ONNX Runtime against PyTorch, on the same number of threads. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Attribution } from "../src/engine/attribution/attribute.js";
import type { MethodName } from "../src/engine/attribution/methods.js";
import type { GivenParameters } from "../src/engine/attribution/parameters.js";
import { float32, type Tensor } from "../src/engine/ir/tensor.js";
import { drawImages, drawNoise } from "./images.js";
import { checkEqual, exact, interleave, statsOf, threads, timed, upToEdges, type Side } from "./measure.js";
import { ownSide, type Compute } from "./ownSide.js";
import { startPeer, type Peer } from "./peer.js";
import type { Options } from "./setup.js";
import type { Row } from "./table.js";

const warmUps = 2;
const batch = 8;

/** A peer's case, what to call it, and how much slower than it is still good enough. */
interface Rival {
  readonly run: string;
  readonly name: string;
  readonly target?: number;
}

/** What this project computes, and against whom. `tolerance` is `exact` unless given. */
interface Case {
  readonly name: string;
  readonly compute: "forward" | MethodName;
  readonly parameters?: GivenParameters;
  readonly tolerance?: number;
  readonly batch: 1 | 8;
  readonly rivals: readonly Rival[];
}

const cam = "Grad-CAM, warm, 1 image";
/** The methods of many images; PyTorch does the same sums on the same images (see bench/peers/warm.py). */
const manyImages: Readonly<Record<"smoothgrad" | "integrated-gradients" | "occlusion" | "score-cam", Case>> = {
  smoothgrad: { name: "SmoothGrad, 50 samples", compute: "smoothgrad", tolerance: upToEdges, batch: 1, rivals: [{ run: "smoothgrad-50", name: "PyTorch, batches of 10", target: 0.85 }] },
  "integrated-gradients": {
    name: "Integrated Gradients, 50 steps", compute: "integrated-gradients", parameters: { steps: 50, baseline: "mean" }, tolerance: upToEdges, batch: 1,
    rivals: [{ run: "ig-50", name: "PyTorch, as Captum, batches of 10", target: 0.85 }],
  },
  occlusion: {
    name: "occlusion, 49 windows", compute: "occlusion", parameters: { window: 56, stride: 28, fill: "mean" }, batch: 1, rivals: [{ run: "occlusion", name: "PyTorch, as Captum, batches of 8", target: 0.8 }],
  },
  "score-cam": { name: "Score-CAM, 64 channels", compute: "score-cam", parameters: { channels: 64 }, batch: 1, rivals: [{ run: "score-cam-64", name: "PyTorch, as pytorch-grad-cam, batches of 16", target: 0.8 }] },
};

const cases: Readonly<Record<"grad-cam" | "input-gradient" | "forward" | keyof typeof manyImages, readonly Case[]>> = {
  "grad-cam": [{
    name: cam, compute: "grad-cam", batch: 1,
    rivals: [{ run: "cam-backward", name: "PyTorch, loss.backward()", target: 0.28 }, { run: "cam-layer", name: "PyTorch, autograd.grad to the layer", target: 0.85 }],
  }],
  "input-gradient": [
    { name: "input gradient, warm, 1 image", compute: "saliency", tolerance: upToEdges, batch: 1, rivals: [{ run: "gradient-1", name: "PyTorch, autograd.grad to the input", target: 0.7 }] },
    { name: "input gradient, warm, 8 images", compute: "saliency", tolerance: upToEdges, batch: 8, rivals: [{ run: "gradient-8", name: "PyTorch, autograd.grad to the input", target: 0.78 }] },
  ],
  forward: [
    { name: "forward, warm, 1 image", compute: "forward", batch: 1, rivals: [{ run: "forward-1", name: "PyTorch, inference_mode" }] },
    { name: "forward, warm, 8 images", compute: "forward", batch: 8, rivals: [{ run: "forward-8", name: "PyTorch, inference_mode" }] },
  ],
  smoothgrad: [manyImages.smoothgrad], "integrated-gradients": [manyImages["integrated-gradients"]], occlusion: [manyImages.occlusion], "score-cam": [manyImages["score-cam"]],
};

/** The rows of one group. Results are compared before anything is timed. */
export async function warm(group: keyof typeof cases, { setup, runs }: Options): Promise<Row[]> {
  mkdirSync(setup.out, { recursive: true });
  const images = drawImages(batch);
  const input = join(setup.out, "input.f32");
  writeFileSync(input, images.data as Float32Array);
  // Both sides add the same noise, so that their results can be compared.
  const perturbations = group === "smoothgrad" ? drawNoise(50, firstOf(images, 1)) : undefined;
  if (perturbations) writeFileSync(join(setup.out, "noise.f32"), perturbations.data);
  const peer = setup.python && (await startPeer(setup.python, join(setup.peers, "warm.py"), [setup.weights, input, String(threads)]));
  try {
    const compute = await ownSide(setup.model, threads);
    const rows: Row[] = [];
    for (const item of cases[group]) rows.push(...(await compare(item, () => compute(item.compute, firstOf(images, item.batch), perturbations ? { perturbations } : item.parameters), peer, setup.out, runs)));
    if (group === "integrated-gradients") rows.push(await automatic(compute, firstOf(images, 1), peer, setup.out, runs));
    return rows;
  } finally {
    peer?.stop();
  }
}

function firstOf({ shape: [, ...image], data }: Tensor, count: number): Tensor {
  return float32([count, ...image], (data as Float32Array).subarray(0, count * (data.length / batch)));
}

/** Steps chosen by the completeness gap, against a fixed number of them, with the gaps of both. */
async function automatic(compute: Compute, input: Tensor, peer: Peer | undefined, folder: string, runs: number): Promise<Row> {
  const name = "Integrated Gradients, steps=auto";
  let theirGap: number | undefined;
  if (peer) {
    const file = join(folder, "ig-50-gap.f32");
    await peer.run("ig-50-gap", file);
    theirGap = Math.abs(new Float32Array(new Uint8Array(readFileSync(file)).buffer)[0]!);
  }
  const gap = (share: number) => `gap ${(100 * Math.abs(share)).toFixed(2)} %`;
  // The gap alone ends it, at 1 %. By default the map must stand still as well, which that of random weights hardly does.
  const parameters = { steps: "auto", baseline: "mean", change: 1 };
  const { evaluations, completeness } = (await compute("integrated-gradients", input, parameters)) as Attribution;
  const [ours, theirs] = (await interleave([timed(() => compute("integrated-gradients", input, parameters)), ...(peer ? [() => peer.run("ig-50")] : [])], { warmUps, runs }))
    .map((samples) => statsOf(samples.map(({ ms }) => ms)));
  return {
    name: `${name}: ${evaluations.gradient} gradients, ${gap(completeness!.relative)}`, unit: "ms", ours: ours!,
    peer: `PyTorch, as Captum, 50 steps${theirGap === undefined ? "" : `, ${gap(theirGap)}`}`, theirs, target: 0.33,
  };
}

async function compare({ name, rivals, tolerance = exact }: Case, compute: () => Promise<Attribution | Float32Array>, peer: Peer | undefined, folder: string, runs: number): Promise<Row[]> {
  const own = timed(compute);
  const result = await compute();
  const found = result instanceof Float32Array ? result : result.attribution.data;
  const theirs: Side[] = [];
  if (peer) for (const rival of rivals) {
    const file = join(folder, `${rival.run}.f32`);
    await peer.run(rival.run, file);
    // `predictLogits` gives the logits of the first image only.
    checkEqual(`${name}, ${rival.name}`, found, new Float32Array(new Uint8Array(readFileSync(file)).buffer).subarray(0, found.length), tolerance);
    theirs.push(() => peer.run(rival.run));
  }
  const [ours, ...others] = (await interleave([own, ...theirs], { warmUps, runs })).map((samples) => statsOf(samples.map(({ ms }) => ms)));
  return rivals.map((rival, i) => ({ name, unit: "ms", ours: ours!, peer: rival.name, theirs: others[i], target: rival.target }));
}
