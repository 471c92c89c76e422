/** @file Rule tables whose numbers no library recorded, DeepLIFT's own defaults and the rules of LRP, on every runtime against the interpreter; and what must hold of them on trained models. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attribute, type Attribution } from "../../src/engine/attribution/attribute.js";
import { classifierOf } from "../../src/engine/attribution/classifier.js";
import type { Compile } from "../../src/engine/attribution/context.js";
import type { MethodName } from "../../src/engine/attribution/methods.js";
import type { GivenParameters } from "../../src/engine/attribution/parameters.js";
import { prepare } from "../../src/engine/attribution/prepare.js";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import type { Runtime } from "../../src/engine/runtime.js";
import { openFile } from "./fileSource.js";
import { workingRuntimes } from "./runtimes.js";

const folder = join(import.meta.dirname, "../fixtures/reference");
const files = [["cnn_mnistlike", "model.onnx"], ["resnet_tiny", "model.dynamo.onnx"], ["vit_tiny", "model.onnx"], ["vit_tiny", "model.dynamo.onnx"]] as const;
const jobs: readonly (readonly [MethodName, GivenParameters])[] = [
  ["deeplift", {}], ["lrp", { rule: "gamma", epsilon: 1e-6 }], ["lrp", { rule: "alpha-beta", epsilon: 1e-6 }], ["lrp", { rule: "composite", epsilon: 1e-6 }],
];

async function explainAll(model: string, file: string, runtime: Runtime): Promise<Attribution[]> {
  const source = openFile(join(folder, model, file));
  const input = readSafetensors(openFile(join(folder, model, "reference.safetensors"))).get("x0")!;
  const { targets } = JSON.parse(readFileSync(join(folder, model, "reference.json"), "utf8")) as { readonly targets: readonly { readonly pred: number }[] };
  const classifier = classifierOf(importOnnx(source).graph);
  const prepared = prepare(classifier, input.shape);
  const found: Attribution[] = [];
  for (const [method, parameters] of jobs) {
    const compile: Compile = (_, build) => runtime.compile(build(), source.readRange);
    found.push(await attribute({ classifier, input, method, target: { index: targets[0]!.pred, versus: undefined, score: "logit" }, layers: [], parameters, compile }, prepared));
  }
  return found;
}

describe.each(files)("%s/%s", async (model, file) => {
  const expected = await explainAll(model, file, referenceRuntime);

  it("has attributions by DeepLIFT that add up to the score's difference", () => {
    const { gap, relative } = expected[0]!.completeness!;
    expect(Math.abs(gap / relative), "the score's difference").toBeGreaterThan(0.1);
    expect(Math.abs(relative)).toBeLessThan(1e-5);
  });

  const runtimes = (await workingRuntimes()).filter(({ name }) => name !== "reference");
  it.each(runtimes.map((runtime) => [runtime.name, runtime] as const))("is the same on %s", async (_, runtime) => {
    const found = await explainAll(model, file, runtime);
    const errors = found.map(({ attribution: { data } }, i) => {
      const wanted = expected[i]!.attribution.data;
      return Math.max(...wanted.map((value, j) => Math.abs(value - data[j]!))) / Math.max(...wanted.map(Math.abs));
    });
    console.log(`${model}/${file} on ${runtime.name}: ${errors.map((error, i) => `${jobs[i]![0]} ${JSON.stringify(jobs[i]![1])} ${error.toExponential(1)}`).join(", ")}`);
    for (const [i, error] of errors.entries()) expect(error, JSON.stringify(jobs[i])).toBeLessThanOrEqual(1e-4);
  });
});
