/** @file A forward pass alone that tells the features an audit's records hold, for comparing pictures with them. */
import { buildFeatures, recordOutputs } from "../../engine/audit/recordProgram.js";
import { recordFeatures } from "../../engine/audit/recordValues.js";
import { createBatchLimits } from "../../engine/attribution/batching.js";
import type { Classifier } from "../../engine/attribution/classifier.js";
import type { Compile } from "../../engine/attribution/context.js";
import type { Layer } from "../../engine/attribution/layers.js";
import type { Prepared } from "../../engine/attribution/prepare.js";
import { typeOf } from "../../engine/ir/graph.js";
import { float32, sizeOf } from "../../engine/ir/tensor.js";
import { fittingProgram, type AuditProgram, type OwnedProgram } from "../audit/fittingProgram.js";
import { batchMemory } from "../memory.js";

/** The program for images of one shape, in batches made for `images` of them. */
export function featureProgram({ logits, input }: Classifier, prepared: Prepared, layer: Layer, compile: Compile, images: number): AuditProgram {
  const shape = typeOf(prepared.graph, input).shape as readonly number[];
  const size = sizeOf(shape);
  const classes = typeOf(prepared.graph, logits).shape![1] as number;
  const name = ["features", layer.name, ...shape.slice(1)].join("|");
  const make = async (atOnce: number): Promise<OwnedProgram> => {
    const program = await compile(`${name}|${atOnce}`, () => buildFeatures(prepared.graphAt(atOnce), logits, layer));
    return {
      size, atOnce, dispose: () => program.dispose(),
      run: async (batch, count) => {
        const outputs = await program.run({ [input]: float32([atOnce, ...shape.slice(1)], batch) });
        const values = (output: string) => outputs[output]!.data as Float32Array;
        const [scores, features] = [values(logits), values(recordOutputs.features)];
        const channels = features.length / atOnce;
        return Array.from({ length: count }, (_, row) => ({
          logits: scores.slice(row * classes, (row + 1) * classes), map: undefined, features: recordFeatures(features.subarray(row * channels, (row + 1) * channels)),
        }));
      },
    };
  };
  const { limits = createBatchLimits() } = compile;
  return fittingProgram(size, { graph: prepared.graph, pass: "forward", count: images, memory: batchMemory(), kind: name, limits, atOnce: prepared.atOnce }, make);
}
