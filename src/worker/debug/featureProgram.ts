/** @file A forward pass alone that tells the features an audit's records hold, for comparing pictures with them. */
import { availableMemory } from "node:process";
import { buildFeatures, recordOutputs } from "../../engine/audit/recordProgram.js";
import { recordFeatures } from "../../engine/audit/recordValues.js";
import { batchSize } from "../../engine/attribution/batching.js";
import type { Classifier } from "../../engine/attribution/classifier.js";
import type { Compile } from "../../engine/attribution/context.js";
import type { Layer } from "../../engine/attribution/layers.js";
import type { Prepared } from "../../engine/attribution/prepare.js";
import { typeOf } from "../../engine/ir/graph.js";
import { float32, sizeOf } from "../../engine/ir/tensor.js";
import type { AuditProgram } from "../audit/auditProgram.js";

/** The share of free memory that a batch may take. */
const memoryShare = 0.15;

/** The program for images of one shape, in batches made for `images` of them. */
export async function featureProgram({ logits, input }: Classifier, prepared: Prepared, layer: Layer, compile: Compile, images: number): Promise<AuditProgram> {
  const shape = typeOf(prepared.graph, input).shape as readonly number[];
  const atOnce = prepared.atOnce(batchSize(prepared.graph, "forward", images, availableMemory() * memoryShare));
  const classes = typeOf(prepared.graph, logits).shape![1] as number;
  const batched = [atOnce, ...shape.slice(1)];
  const program = await compile(`features|${layer.name}|${batched.join("x")}`, () => buildFeatures(prepared.graphAt(atOnce), logits, layer));
  return {
    size: sizeOf(shape), atOnce,
    run: async (batch, count) => {
      const outputs = await program.run({ [input]: float32(batched, batch) });
      const values = (name: string) => outputs[name]!.data as Float32Array;
      const [scores, features] = [values(logits), values(recordOutputs.features)];
      const channels = features.length / atOnce;
      return Array.from({ length: count }, (_, row) => ({
        logits: scores.slice(row * classes, (row + 1) * classes), map: undefined, features: recordFeatures(features.subarray(row * channels, (row + 1) * channels)),
      }));
    },
  };
}
