/** @file The scalar that is explained: one class's logit or probability, chosen at run time or found by the model itself. */
import type { GraphBuilder } from "../ir/builder.js";
import { float32, type Tensor } from "../ir/tensor.js";

export type Score = "logit" | "probability";

/** Names of the program inputs that choose the class. */
export const seedInput = "whylight/seed";
export const predictedInput = "whylight/predicted";

/** The score vector to differentiate and the cotangent to start from. */
export interface ScoreSeed {
  readonly scores: string;
  readonly seed: string;
}

/**
 * Adds two inputs to the graph: a one-hot row per image, and a flag that replaces it by the one-hot of the largest logit.
 * So one compiled program explains any class, and the predicted class needs no forward pass of its own.
 */
export function addSeed(graph: GraphBuilder, logits: string, score: Score): ScoreSeed {
  const type = graph.type(logits);
  const classes = type.shape[1]!;
  const given = graph.input(seedInput, type);
  const predicted = graph.input(predictedInput, { dtype: type.dtype, shape: [1] });
  const winner = graph.add("ArgMax", [logits], { axis: 1, keepdims: 0 });
  const hot = graph.add("OneHot", [winner, graph.ints([classes]), graph.constant(float32([2], [0, 1]))], { axis: -1 });
  const seed = graph.add("Add", [given, graph.add("Mul", [hot, predicted])]);
  return { scores: score === "probability" ? graph.add("Softmax", [logits], { axis: 1 }) : logits, seed };
}

/** The values of the two inputs, for one image or a batch that shares its target. */
export function seedValues(shape: readonly [batch: number, classes: number], target: number | "predicted"): Record<string, Tensor> {
  const seed = float32(shape, new Float32Array(shape[0] * shape[1]));
  if (target !== "predicted") for (let row = 0; row < shape[0]; row++) seed.data[row * shape[1] + target] = 1;
  return { [seedInput]: seed, [predictedInput]: float32([1], [target === "predicted" ? 1 : 0]) };
}
