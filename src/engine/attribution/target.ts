/** @file The scalar that is explained: one class's logit or probability, or the difference of two, chosen at run time or found by the model itself. */
import type { GraphBuilder } from "../ir/builder.js";
import { float32, type Tensor } from "../ir/tensor.js";
import type { OutputActivation } from "../preprocess/description.js";
import { argMax, probabilities } from "./probabilities.js";

/** A logit, or the probability that an activation makes of it. */
export type Score = "logit" | OutputActivation;

/** What to explain. */
export interface Target {
  readonly index: number | "predicted";
  /** Explains why `index` rather than this class: the difference of the two scores. */
  readonly versus: number | "runner-up" | undefined;
  readonly score: Score;
}

/** A target whose classes are known. */
export interface ResolvedTarget extends Target {
  readonly index: number;
  readonly versus: number | undefined;
}

/** Names of the program inputs that choose the class. */
export const seedInput = "whylight/seed";
export const predictedInput = "whylight/predicted";

/** The score vector to differentiate and the cotangent to start from. */
export interface ScoreSeed {
  readonly scores: string;
  readonly seed: string;
}

/**
 * Adds two inputs to the graph: a row of weights per image (one for the class, minus one for the class it is held against), and a flag that adds the one-hot of the largest logit.
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
  return { scores: addScores(graph, logits, score), seed };
}

/** The row of scores that is differentiated, `[batch, classes]`. A lone score is that of a yes. */
export function addScores(graph: GraphBuilder, logits: string, score: Score): string {
  if (score === "logit") return logits;
  return score === "sigmoid" || graph.type(logits).shape[1] === 1 ? graph.add("Sigmoid", [logits]) : graph.add("Softmax", [logits], { axis: 1 });
}

/** Whether the program can find the class by itself. A runner-up must be found first. */
export const isFoundByProgram = ({ versus }: Target) => versus !== "runner-up";

/** The values of the two inputs, for one image or a batch that shares its target. */
export function seedValues(shape: readonly [batch: number, classes: number], { index, versus }: Pick<Target, "index" | "versus">): Record<string, Tensor> {
  const [batch, classes] = shape;
  const seed = new Float32Array(batch * classes);
  for (let row = 0; row < batch; row++) {
    if (index !== "predicted") seed[row * classes + index]! += 1;
    if (typeof versus === "number") seed[row * classes + versus]! -= 1;
  }
  return { [seedInput]: float32(shape, seed), [predictedInput]: float32([1], [index === "predicted" ? 1 : 0]) };
}

/** The classes meant, by the logits of the explained image. Of equal logits the first counts, as `torch.argmax` and ONNX's `ArgMax` take. */
export function resolveTarget({ index, versus, score }: Target, logits: ArrayLike<number>): ResolvedTarget {
  const found = index === "predicted" ? argMax(logits) : index;
  return { index: found, versus: versus === "runner-up" ? argMax(logits, found) : versus, score };
}

/** The explained scalar of one row of logits. */
export function scoreOf(logits: ArrayLike<number>, { index, versus, score }: ResolvedTarget): number {
  const scores = score === "logit" ? logits : probabilities(logits, score);
  return scores[index]! - (versus === undefined ? 0 : scores[versus]!);
}
