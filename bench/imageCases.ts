/** @file One image after the other in a process that is warm: this engine on ONNX Runtime against PyTorch, on the same number of threads. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MethodName } from "../src/engine/attribution/methods.js";
import type { GivenParameters } from "../src/engine/attribution/parameters.js";
import type { Tensor } from "../src/engine/ir/tensor.js";
import { compare, fewRounds, statsOfSides, type Case, type Rival, type Rounds } from "./compare.js";
import { imageSide, type ImageSide } from "./imageSide.js";
import { drawImages, drawNoise, shareImages } from "./images.js";
import { exact, threads, timed, upToEdges } from "./measure.js";
import type { ModelName } from "./models/models.js";
import { withPeer, type Peer } from "./peer.js";
import type { Options, Setup } from "./setup.js";
import type { Row } from "./table.js";

/** What a case computes of so many images. */
interface ImageCase {
  readonly name: string;
  readonly compute: "forward" | MethodName;
  readonly parameters?: GivenParameters;
  readonly tolerance?: number;
  readonly batch: 1 | 8;
  readonly rivals: readonly Rival[];
}

const gradient = (name: string, batch: 1 | 8, target?: number): ImageCase => ({
  name: `input gradient, ${name}, ${batch === 1 ? "1 image" : `${batch} images`}`, compute: "saliency", tolerance: upToEdges, batch,
  rivals: [{ run: `gradient-${batch}`, name: "PyTorch, autograd.grad to the input", ...(target === undefined ? {} : { target }) }],
});

const forward = (name: string, batch: 1 | 8): ImageCase => ({
  name: `forward, ${name}, ${batch === 1 ? "1 image" : `${batch} images`}`, compute: "forward", batch, rivals: [{ run: `forward-${batch}`, name: "PyTorch, inference_mode" }],
});

/** One image, PyTorch doing the same sums on the same images (see peers/images.py). */
const once = (name: string, compute: MethodName, run: string, rival: string, target: number, more: Partial<ImageCase> = {}): ImageCase => ({ name, compute, batch: 1, rivals: [{ run, name: rival, target }], ...more });

const cases = {
  "grad-cam": [{
    name: "Grad-CAM, ResNet-50, 1 image", compute: "grad-cam", batch: 1,
    rivals: [{ run: "cam-backward", name: "PyTorch, loss.backward()", target: 0.28 }, { run: "cam-layer", name: "PyTorch, autograd.grad to the layer", target: 0.85 }],
  }],
  "input-gradient": [gradient("ResNet-50", 1, 0.7), gradient("ResNet-50", 8, 0.78)],
  vit: [gradient("ViT-B/16", 1), gradient("ViT-B/16", 8, 0.8), forward("ViT-B/16", 1), forward("ViT-B/16", 8)],
  forward: [forward("ResNet-50", 1), forward("ResNet-50", 8)],
  smoothgrad: [once("SmoothGrad, 50 samples", "smoothgrad", "smoothgrad-50", "PyTorch, batches of 10", 0.85, { tolerance: upToEdges })],
  "integrated-gradients": [once("Integrated Gradients, 50 steps", "integrated-gradients", "ig-50", "PyTorch, as Captum, batches of 10", 0.85, { parameters: { steps: 50, baseline: "mean" }, tolerance: upToEdges })],
  occlusion: [once("occlusion, 49 windows", "occlusion", "occlusion", "PyTorch, as Captum, batches of 8", 0.8, { parameters: { window: 56, stride: 28, fill: "mean" } })],
  "score-cam": [once("Score-CAM, 64 channels", "score-cam", "score-cam-64", "PyTorch, as pytorch-grad-cam, batches of 16", 0.8, { parameters: { channels: 64 } })],
} as const satisfies Readonly<Record<string, readonly ImageCase[]>>;
export type ImageGroup = keyof typeof cases;

/** Groups of one pass; the others' methods ask for dozens. */
const quick: ReadonlySet<ImageGroup> = new Set(["grad-cam", "input-gradient", "vit", "forward"]);

/** What peers/images.py is started with. */
export const imagePeer = (setup: Setup, model: ModelName): string[] => [model, setup.model(model), String(threads), setup.work];

/** The rows of one group. Results are compared before anything is timed. */
export async function imageRows(group: ImageGroup, { setup, runs, runtime }: Options): Promise<Row[]> {
  const model = group === "vit" ? "vit-b-16" : "resnet50";
  shareImages(setup.work);
  const [one, eight] = [drawImages(1), drawImages(8)];
  // Both sides add the same noise, so that their results can be compared.
  const perturbations = group === "smoothgrad" ? drawNoise(50, one) : undefined;
  if (perturbations) writeFileSync(join(setup.work, "noise.f32"), perturbations.data);
  const rounds = quick.has(group) ? { warmUps: 2, runs } : fewRounds(runs);
  return withPeer(setup, "images.py", imagePeer(setup, model), async (peer) => {
    const side = await imageSide(setup.model(model), runtime);
    const rows: Row[] = [];
    for (const item of cases[group] as readonly ImageCase[]) {
      const input = item.batch === 1 ? one : eight;
      rows.push(...(await compare(caseOf(item, side, input, perturbations ? { perturbations } : item.parameters), peer, rounds)));
    }
    if (group === "integrated-gradients") rows.push(...(await automatic(side, one, peer, rounds)));
    return rows;
  });
}

function caseOf({ name, compute, tolerance = exact, rivals }: ImageCase, side: ImageSide, input: Tensor, parameters: GivenParameters | undefined): Case {
  return { name, tolerance, rivals, compute: () => (compute === "forward" ? side.forward(input) : side.map(compute, input, parameters)) };
}

/** The gap alone ends it, at 1 %. By default the map must stand still as well, which that of random weights hardly does. */
export const automaticSteps: GivenParameters = { steps: "auto", baseline: "mean", change: 1 };

/** Steps chosen by the completeness gap, against a fixed number of them, and against as many as bring the gap as low; with the gaps of all. */
async function automatic(side: ImageSide, input: Tensor, peer: Peer | undefined, rounds: Rounds): Promise<Row[]> {
  const gap = (share: number) => `gap ${(100 * Math.abs(share)).toFixed(2)} %`;
  const theirGap = peer && (await peer.result("ig-50-gap"))[0]!;
  const enough = peer && (await peer.result("ig-enough-steps"));
  const compute = () => side.explain("integrated-gradients", input, automaticSteps);
  const { evaluations, completeness } = await compute();
  const [ours, theirs, theirsEnough] = await statsOfSides([timed(compute), ...(peer ? [() => peer.run("ig-50"), () => peer.run("ig-enough")] : [])], rounds);
  const row = { name: `Integrated Gradients, steps=auto: ${evaluations.gradient} gradients, ${gap(completeness!.relative)}`, unit: "ms", ours: ours! } as const;
  return [
    { ...row, peer: `PyTorch, as Captum, 50 steps${theirGap === undefined ? "" : `, ${gap(theirGap)}`}`, theirs, target: 0.33 },
    { ...row, peer: `PyTorch, as Captum, the first of 50, 100, 200 ... steps within 1 %${enough === undefined ? "" : `: ${enough[0]}, ${gap(enough[1]!)}`}`, theirs: theirsEnough },
  ];
}
