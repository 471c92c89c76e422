/** @file The text classifiers as transformers saved them: states of every layer, and two texts of unequal length at once, against what PyTorch recorded. All else recorded of them is in text.test.ts, attention.test.ts and attentionMaps.test.ts. */
import { describe, expect, it } from "vitest";
import { join } from "node:path";
import { gradient, withOutputs } from "../../src/engine/autodiff/gradient.js";
import { GraphBuilder } from "../../src/engine/ir/builder.js";
import { float32, toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { importModel } from "../../src/worker/formats/importModel.js";
import { readArrays, relativeError, sharedReference } from "../unit/readReference.js";
import { openFile } from "./fileSource.js";
import { workingRuntimes } from "./runtimes.js";
import { builtEmbeddings } from "./textCases.js";

/** Where PyTorch's states are: the embeddings and what each layer returns. */
const layers: Readonly<Record<string, readonly string[]>> = {
  bert_tiny: [0, 1, 2, 3].map((i) => `bert.encoder.layer.${i}.output.LayerNorm`),
  distilbert_tiny: [0, 1, 2].map((i) => `distilbert.transformer.layer.${i}.output_layer_norm`),
};
const cases = Object.keys(layers).filter((model) => sharedReference(model) !== undefined);
const [stateTolerance, logitTolerance, gradientTolerance] = [1e-5, 1e-4, 1e-4];

describe("text classifiers from their folders", async () => {
  const runtimes = (await workingRuntimes()).filter(({ name }) => name === "onnxruntime" || name === "tfjs-wasm");
  // The selection in the repository has neither states nor batches.
  if (cases.length === 0) it.skip("the whole recordings are not beside the repository");

  describe.each(cases)("%s", (model) => {
    it.each(runtimes.map((runtime) => ({ on: runtime.name, runtime })))("on $on", async ({ runtime }) => {
      const folder = sharedReference(model)!;
      const source = openFile(join(folder, "model.safetensors"));
      const recorded = readArrays(join(folder, "reference.safetensors"));
      const { graph } = await importModel(source.path);
      const embedded = builtEmbeddings(model).embedding_output[0]!.tensor;
      const keys = [...recorded.keys()].filter((name) => /^(t\d|batch)\/input_ids$/.test(name)).map((name) => name.split("/")[0]!);
      expect(keys.length).toBeGreaterThanOrEqual(5);
      for (const key of keys) {
        const feeds = Object.fromEntries(graph.inputs.map((name) => [name, recorded.get(`${key}/${name}`)!]));
        const special = specialize(graph, Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])));
        const states = [embedded, ...layers[model]!];
        if (key !== "batch") {
          const program = await runtime.compile(withOutputs(special, states), source.readRange);
          const results = await program.run(feeds);
          program.dispose();
          expect(relativeError(states.flatMap((name) => toNumbers(results[name]!)), recorded.get(`${key}/hidden_states`)!), `states of ${key}`).toBeLessThanOrEqual(stateTolerance);
          continue;
        }
        const builder = new GraphBuilder(special, "test/");
        const logits = recorded.get("batch/logits")!;
        const { graph: grown, cotangents } = gradient(builder.build(special.outputs), "logits", builder.constant(likeliest(logits)), [embedded]);
        const program = await runtime.compile(withOutputs(grown, ["logits", cotangents.get(embedded)!, embedded]), source.readRange);
        const results = await program.run(feeds);
        program.dispose();
        const [slopes, values] = [cotangents.get(embedded)!, embedded].map((name) => toNumbers(results[name]!)) as [number[], number[]];
        expect(relativeError(toNumbers(results["logits"]!), logits), "logits of the batch").toBeLessThanOrEqual(logitTolerance);
        expect(relativeError(slopes, recorded.get("batch/grad/embedding_output")!), "gradient of the batch").toBeLessThanOrEqual(gradientTolerance);
        expect(relativeError(sums(slopes.map((slope, i) => slope * values[i]!), 64), recorded.get("batch/gradient_x_input/embedding_output")!), "gradient x input of the batch").toBeLessThanOrEqual(gradientTolerance);
      }
    });
  });
});

/** 1 at the largest score of every row, 0 elsewhere. */
function likeliest({ data, shape: [rows, classes] }: Tensor): Tensor {
  const scores = Array.from({ length: rows! }, (_, row) => Array.from(data as Float32Array).slice(row * classes!, (row + 1) * classes!));
  return float32([rows!, classes!], scores.flatMap((row) => row.map((score) => (score === Math.max(...row) ? 1 : 0))));
}

/** The sum of every `width` numbers. */
function sums(values: readonly number[], width: number): number[] {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width).reduce((sum, value) => sum + value, 0));
}
