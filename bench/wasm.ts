/** @file TensorFlow.js on WebAssembly: this engine's input gradient against `tf.grad` on the very same backend. */
import { attribute } from "../src/engine/attribution/attribute.js";
import type { Compile } from "../src/engine/attribution/context.js";
import type { Program } from "../src/engine/runtime.js";
import { tfjsRuntime } from "../src/runtimes/tfjs/tfjsRuntime.js";
import { createModelCache } from "../src/worker/modelCache.js";
import { drawImages } from "./images.js";
import { checkEqual, interleave, statsOf, timed, upToEdges } from "./measure.js";
import { tfGradient } from "./peers/tfGrad.js";
import type { Options } from "./setup.js";
import type { Row } from "./table.js";

/** `tf.grad` takes seconds: three runs tell enough. */
const mostRuns = 3;

/** The two gradients are compared before they are timed. */
export async function wasm({ setup, runs }: Options): Promise<Row[]> {
  const image = drawImages(1);
  const model = await createModelCache().load(setup.model);
  const prepared = model.prepared(image.shape);
  const classifier = model.classifier();
  const runtime = await tfjsRuntime("tfjs-wasm");
  let program: Promise<Program> | undefined;
  const compile: Compile = (_, build) => (program ??= runtime.compile(build(), model.readRange));
  const own = () => attribute({ classifier, input: image, method: "saliency", target: { index: "predicted", versus: undefined, score: "logit" }, layers: [], compile }, prepared);
  const peer = tfGradient(prepared.graph, classifier.logits, model.readRange);
  // These two runs are the warm-up as well.
  checkEqual("input gradient on WASM", (await own()).attribution.data, peer(image), upToEdges);
  const [ours, theirs] = (await interleave([timed(own), timed(async () => peer(image))], { warmUps: 0, runs: Math.min(runs, mostRuns) })).map((samples) => statsOf(samples.map(({ ms }) => ms)));
  return [{ name: "input gradient on TensorFlow.js WASM, 1 image", unit: "ms", ours: ours!, peer: "tf.grad, same backend", theirs, target: 0.25 }];
}
