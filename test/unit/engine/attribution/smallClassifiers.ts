/** @file Classifiers small enough to explain by hand, and how to explain them on the interpreter. */
import { attribute, type AttributeJob, type Attribution } from "../../../../src/engine/attribution/attribute.js";
import { classifierOf } from "../../../../src/engine/attribution/classifier.js";
import { prepare } from "../../../../src/engine/attribution/prepare.js";
import type { Target } from "../../../../src/engine/attribution/target.js";
import type { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import type { Graph } from "../../../../src/engine/ir/graph.js";
import { float32, toNumbers, type Tensor } from "../../../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../../../src/engine/reference/referenceRuntime.js";
import { smooth } from "../numbers.js";
import { graphOf, noFile } from "../smallGraph.js";

/** float32 weights that look random. */
export const weights = (shape: readonly number[], seed: number) => float32(shape, toNumbers(smooth(shape, seed, -1, 1)));

/** The image all of these take, `[1, 2, 4, 3]`. */
export const image = weights([1, 2, 4, 3], 5);

/** A classifier of `image`, from its input to its output. */
export const model = (build: (graph: GraphBuilder, x: string) => string, input: Tensor = image): Graph => graphOf([input], (graph, x) => [graph.rename(build(graph, x!), "scores")]);

/** Logits that are a matrix times the mean of a map `[1, c, h, w]` over its grid, which is `pooled`'s shape `[1, c]`. */
export function head(graph: GraphBuilder, map: string, matrix: Tensor): string {
  return graph.add("Gemm", [graph.add("Flatten", [graph.add("GlobalAveragePool", [map])], { axis: 1 }), graph.constant(matrix)], { transB: 1 });
}

/** A class's logit, unless told. */
export const target = (index: Target["index"], more: Partial<Target> = {}): Target => ({ index, versus: undefined, score: "logit", ...more });

/** Explains on the interpreter, saliency of class 0's logit unless told. */
export function explain(graph: Graph, job: Partial<AttributeJob> = {}): Promise<Attribution> {
  const classifier = classifierOf(graph);
  const input = job.input ?? image;
  return attribute(
    { classifier, input, method: "saliency", target: target(0), layers: [], compile: (_, build) => referenceRuntime.compile(build(), noFile), ...job }, prepare(classifier, input.shape),
  );
}
