/** @file The recorded graph models in TensorFlow.js itself, since its converter did not write them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { readSafetensors } from "../../../src/engine/importers/safetensors.js";
import { toNumbers } from "../../../src/engine/ir/tensor.js";
import { openFile } from "../fileSource.js";

const root = join(import.meta.dirname, "../../fixtures/models/tensorflow");

interface ModelJson {
  readonly modelTopology: object;
  readonly signature: object;
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: tf.io.WeightsManifestEntry[] }[];
}

describe("the recorded graph models in TensorFlow.js", () => {
  it.each(readdirSync(root).filter((name) => name.startsWith("tfjs-")))("%s gives the recorded logits", async (name) => {
    await tf.setBackend("cpu");
    const folder = join(root, name);
    const { modelTopology, signature, weightsManifest } = JSON.parse(readFileSync(join(folder, "model.json"), "utf8")) as ModelJson;
    const weightData = Uint8Array.from(Buffer.concat(weightsManifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(folder, path)))))).buffer;
    const model = await tf.loadGraphModel({ load: async () => ({ modelTopology, signature, weightSpecs: weightsManifest.flatMap(({ weights }) => weights), weightData }) });
    const expected = readSafetensors(openFile(join(folder, "expected.safetensors")));
    const { dtype, shape, data } = expected.get("input.x")!;
    const logits = model.predict(tf.tensor(data as Float32Array | Int32Array, [...shape], dtype as "float32" | "int32")) as tf.Tensor;
    const [ours, recorded] = [[...await logits.data()], toNumbers(expected.get("logits")!)];
    const largest = Math.max(...recorded.map(Math.abs));
    expect(Math.max(...recorded.map((value, i) => Math.abs(value - ours[i]!))) / largest).toBeLessThan(1e-4);
    model.dispose();
  });
});
