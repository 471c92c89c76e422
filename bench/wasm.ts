/** @file TensorFlow.js on WebAssembly: this engine's input gradient against `tf.grad` on the very same backend, and against PyTorch. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attribute } from "../src/engine/attribution/attribute.js";
import type { Compile } from "../src/engine/attribution/context.js";
import type { Program } from "../src/engine/runtime.js";
import { tfjsRuntime } from "../src/runtimes/tfjs/tfjsRuntime.js";
import { createModelCache } from "../src/worker/modelCache.js";
import { drawImages } from "./images.js";
import { checkEqual, interleave, statsOf, threads, timed, upToEdges, type Side } from "./measure.js";
import { startPeer } from "./peer.js";
import { tfGradient } from "./peers/tfGrad.js";
import type { Options } from "./setup.js";
import type { Row } from "./table.js";

/** `tf.grad` takes seconds: three runs tell enough. */
const mostRuns = 3;
const warmUps = 2;

/** The peer's script takes this many images. */
const images = 8;

/** The gradients are compared before they are timed. */
export async function wasm({ setup, runs }: Options): Promise<Row[]> {
  const image = drawImages(1);
  const model = await createModelCache().load(setup.model);
  const prepared = model.prepared(image.shape);
  const classifier = model.classifier();
  const runtime = await tfjsRuntime("tfjs-wasm", { threads });
  let program: Promise<Program> | undefined;
  const compile: Compile = (_, build) => (program ??= runtime.compile(build(), model.readRange));
  const own = () => attribute({ classifier, input: image, method: "saliency", target: { index: "predicted", versus: undefined, score: "logit" }, layers: [], compile }, prepared);
  const grad = tfGradient(prepared.graph, classifier.logits, model.readRange);
  const name = "input gradient on TensorFlow.js WASM, 1 image";
  // These two runs are the warm-up as well.
  const found = (await own()).attribution.data;
  checkEqual("input gradient on WASM", found, grad(image), upToEdges);
  const [ours, theirs] = await stats([timed(own), timed(async () => grad(image))], 0, Math.min(runs, mostRuns));
  const rows: Row[] = [{ name, unit: "ms", ours: ours!, peer: "tf.grad, same backend", theirs, target: 0.25 }];
  if (setup.python === undefined) return rows;

  mkdirSync(setup.out, { recursive: true });
  const [input, output] = [join(setup.out, "input.f32"), join(setup.out, "gradient-1.f32")];
  writeFileSync(input, drawImages(images).data as Float32Array);
  const peer = await startPeer(setup.python, join(setup.peers, "warm.py"), [setup.weights, input, String(threads)]);
  try {
    await peer.run("gradient-1", output);
    checkEqual(`${name}, PyTorch`, found, new Float32Array(new Uint8Array(readFileSync(output)).buffer), upToEdges);
    const [mine, pytorch] = await stats([timed(own), () => peer.run("gradient-1")], warmUps, runs);
    return [...rows, { name, unit: "ms", ours: mine!, peer: "PyTorch, autograd.grad to the input", theirs: pytorch, target: 2.5 }];
  } finally {
    peer.stop();
  }
}

async function stats(sides: readonly Side[], rounds: number, runs: number) {
  return (await interleave(sides, { warmUps: rounds, runs })).map((samples) => statsOf(samples.map(({ ms }) => ms)));
}
