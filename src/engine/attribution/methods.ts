/** @file The registry of attribution methods: each builds one graph from input and target to the raw attribution. */
import { gradient } from "../autodiff/gradient.js";
import { GraphBuilder } from "../ir/builder.js";
import type { Graph } from "../ir/graph.js";
import { verify } from "../ir/verify.js";
import { prune } from "../passes/prune.js";
import { gradCam } from "./gradCam.js";
import type { Layer } from "./layers.js";
import { addSeed, type Score } from "./target.js";

/** A specialised classifier and what to explain in it. */
export interface MethodInput {
  readonly graph: Graph;
  readonly input: string;
  readonly logits: string;
  readonly score: Score;
  /** Set for the CAM family. */
  readonly layer: Layer | undefined;
}

/** Output names of a method's program. */
export const attributionOutput = "whylight/attribution";

export interface Method {
  /** The CAM family maps a layer's grid; the others map the input's own elements. */
  readonly kind: "cam" | "pixels";
  /** From the differentiated value and its cotangent to the raw attribution, signed. */
  readonly combine: (graph: GraphBuilder, value: string, cotangent: string, layer: Layer | undefined) => string;
}

/** Method id to method. */
export const methods = {
  "grad-cam": { kind: "cam", combine: (graph, value, cotangent, layer) => gradCam(graph, value, cotangent, layer!.spatial) },
  saliency: { kind: "pixels", combine: (_, __, cotangent) => cotangent },
  "input-x-gradient": { kind: "pixels", combine: (graph, value, cotangent) => graph.add("Mul", [value, cotangent]) },
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof methods;

/**
 * One program: image, seed and flag in; logits and attribution out. Where the score does not depend on the layer at all the attribution is zero.
 */
export function buildProgram(name: MethodName, { graph, input, logits, score, layer }: MethodInput): Graph {
  const method: Method = methods[name];
  const seeded = new GraphBuilder(graph, "whylight/");
  const { scores, seed } = addSeed(seeded, logits, score);
  const value = method.kind === "cam" ? layer!.name : input;
  const differentiated = gradient(seeded.build([logits]), scores, seed, [value]);
  const builder = new GraphBuilder(differentiated.graph, "whylight/map_");
  const cotangent = differentiated.cotangents.get(value) ?? builder.add("Mul", [value, builder.scalar(0)]);
  const attribution = builder.rename(method.combine(builder, value, cotangent, layer), attributionOutput);
  return verify(prune(builder.build([logits, attribution])), "buildProgram");
}

/** The forward pass alone. */
export function buildForward({ graph, logits }: Pick<MethodInput, "graph" | "logits">): Graph {
  return verify(prune({ ...graph, outputs: [logits] }), "buildForward");
}
