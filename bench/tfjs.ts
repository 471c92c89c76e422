/** @file TensorFlow.js on WebAssembly and on native TensorFlow: this engine's input gradient against `tf.grad` on the very same backend, and against PyTorch. */
import * as core from "@tensorflow/tfjs-core";
import { loadTensorflow } from "../src/runtimes/tensorflowNative.js";
import { tfjsRuntime } from "../src/runtimes/tfjs/tfjsRuntime.js";
import { createModelCache } from "../src/worker/modelCache.js";
import { compare, fewRounds, statsOfSides } from "./compare.js";
import { imagePeer } from "./imageCases.js";
import { imageSide } from "./imageSide.js";
import { drawImages, shareImages } from "./images.js";
import { checkEqual, threads, timed, upToEdges } from "./measure.js";
import { withPeer } from "./peer.js";
import type { Options } from "./setup.js";
import type { Row } from "./table.js";
import { tfGradient } from "./tfGrad.js";

interface Backend {
  readonly runtime: "tfjs-wasm" | "tfjs-tensorflow";
  readonly name: string;
  /** The copy of TensorFlow.js that the backend belongs to. */
  readonly library: typeof core;
  readonly targets: { readonly grad: number; readonly pytorch: number };
}

/** The fallback that runs everywhere. */
export function wasm(options: Options): Promise<Row[]> {
  return onBackend({ runtime: "tfjs-wasm", name: "TensorFlow.js WASM", library: core, targets: { grad: 0.25, pytorch: 2.5 } }, options);
}

/** Where native TensorFlow was set up. */
export async function nativeTensorflow(options: Options): Promise<Row[]> {
  const found = loadTensorflow();
  if ("tf" in found) return onBackend({ runtime: "tfjs-tensorflow", name: "native TensorFlow", library: found.tf, targets: { grad: 1, pytorch: 1.5 } }, options);
  options.setup.tell(`Left out, as there is no native TensorFlow ("whylight setup-tensorflow" sets it up): ${found.reason}`);
  return [];
}

/** The gradients are compared before they are timed. */
async function onBackend({ runtime, name: backend, library, targets }: Backend, { setup, runs }: Options): Promise<Row[]> {
  const image = drawImages(1);
  const path = setup.model("resnet50");
  const side = await imageSide(path, await tfjsRuntime(runtime, { threads }));
  const own = () => side.map("saliency", image);
  const model = await createModelCache().load(path);
  const grad = tfGradient(library, model.prepared(image.shape).graph, model.classifier().logits, model.readRange);
  const name = `input gradient on ${backend}, ResNet-50, 1 image`;
  // These two runs are the warm-up as well.
  checkEqual(`${name}, tf.grad`, await own(), grad(image), upToEdges);
  const [ours, theirs] = await statsOfSides([timed(own), timed(async () => grad(image))], fewRounds(runs));
  const row: Row = { name, unit: "ms", ours: ours!, peer: "tf.grad, same backend", theirs, target: targets.grad };
  shareImages(setup.work);
  const rivals = [{ run: "gradient-1", name: "PyTorch, autograd.grad to the input", target: targets.pytorch }];
  return withPeer(setup, "images.py", imagePeer(setup, "resnet50"), async (peer) => [row, ...(peer ? await compare({ name, compute: own, tolerance: upToEdges, rivals }, peer, { warmUps: 1, runs }) : [])]);
}
