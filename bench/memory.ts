/** @file The most memory that one case takes in a process of its own, imports and compiling included, on both sides. */
import { computingFlags } from "../src/protocol/computingFlags.js";
import { automaticSteps, imagePeer } from "./imageCases.js";
import { imageSide } from "./imageSide.js";
import { drawImages, shareImages } from "./images.js";
import { interleave, megabyte, statsOf } from "./measure.js";
import type { ModelName } from "./models/models.js";
import { join } from "node:path";
import { watched } from "./peer.js";
import { pythonOf, type Options } from "./setup.js";
import type { Row } from "./table.js";
import { hasTransformers, textPeer } from "./textCases.js";
import { shareIds, textSide } from "./textSide.js";

interface MemoryCase {
  readonly name: string;
  readonly model: ModelName;
  readonly own: (model: string) => Promise<unknown>;
  readonly isText?: boolean;
  /** The peer's case in peers/images.py or peers/text.py. */
  readonly run: string;
}

const gradient = (count: number) => async (model: string) => (await imageSide(model)).map("saliency", drawImages(count));

const cases: Readonly<Record<string, MemoryCase>> = {
  "gradient-1": { name: "input gradient, ResNet-50, 1 image", model: "resnet50", own: gradient(1), run: "gradient-1" },
  "gradient-8": { name: "input gradient, ResNet-50, 8 images", model: "resnet50", own: gradient(8), run: "gradient-8" },
  "grad-cam": { name: "Grad-CAM, ResNet-50, 1 image", model: "resnet50", own: async (model) => (await imageSide(model)).map("grad-cam", drawImages(1)), run: "cam-backward" },
  "steps-auto": { name: "Integrated Gradients, ResNet-50, steps=auto", model: "resnet50", own: async (model) => (await imageSide(model)).map("integrated-gradients", drawImages(1), automaticSteps), run: "ig-50" },
  "vit-8": { name: "input gradient, ViT-B/16, 8 images", model: "vit-b-16", own: gradient(8), run: "gradient-8" },
  "text-gradient": { name: "input gradient, BERT-base, 128 tokens", model: "bert-base", own: async (model) => (await textSide(model)).gradient(), isText: true, run: "gradient-128" },
  attentions: { name: "all attentions, BERT-base, 128 tokens", model: "bert-base", own: async (model) => (await textSide(model)).attentions(), isText: true, run: "attentions" },
};

const target = 0.6;
/** Peaks differ little from run to run. */
const mostRuns = 2;

/** Runs one case once in this process, which another one watches. */
export async function runOnce(name: string, model: string): Promise<void> {
  const found = cases[name];
  if (found === undefined) throw new Error(`there is no case "${name}"`);
  await found.own(model);
}

/** Only where a Python is there, which measures both sides. */
export async function peakMemory({ setup, runs }: Options): Promise<Row[]> {
  const python = pythonOf(setup);
  if (python === undefined) {
    setup.tell("Left out: peak memory is watched by a Python script.");
    return [];
  }
  shareImages(setup.work);
  shareIds(setup.work);
  const rows: Row[] = [];
  for (const [id, { name, model, isText = false, run }] of Object.entries(cases)) {
    // As the editor starts its worker.
    const own = [process.execPath, ...computingFlags, setup.script, "--case", id, "--model", setup.model(model)];
    const script = isText ? ["text.py", ...textPeer(setup, model)] : ["images.py", ...imagePeer(setup, model)];
    const peer = [python.path, join(setup.peers, script[0]!), ...script.slice(1), "--once", run];
    const isMeasured = !isText || hasTransformers(setup);
    const samples = await interleave([() => watched(setup, own), ...(isMeasured ? [() => watched(setup, peer)] : [])], { warmUps: 0, runs: Math.min(runs, mostRuns) });
    const [ours, theirs] = samples.map((side) => statsOf(side.map(({ peak }) => peak! / megabyte)));
    rows.push({ name: `peak memory, ${name}`, unit: "MB", ours: ours!, peer: id === "steps-auto" ? "PyTorch, 50 steps" : "PyTorch", theirs, target });
  }
  return rows;
}
