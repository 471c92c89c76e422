/** @file The graph that tells everything about attention at once: the weights, their average, rollout and relevancy, and how strongly the score depends on each token. */
import { GraphBuilder } from "../../ir/builder.js";
import type { Graph } from "../../ir/graph.js";
import { float32 } from "../../ir/tensor.js";
import { verify } from "../../ir/verify.js";
import { prune } from "../../passes/prune.js";
import type { AttentionSite } from "../attentionSites.js";
import { buildGradient, cotangentOf } from "../programs.js";
import type { Score } from "../target.js";

/** Where scores and embeddings stand in a graph. */
export interface AttentionGraph {
  /** Specialised to one input. */
  readonly graph: Graph;
  /** `[1, classes]`; `undefined` for models that give no scores. */
  readonly logits: string | undefined;
  readonly score: Score;
  /** What tokens become before they meet each other: `[1, tokens, width]`; `undefined` where nobody knows. */
  readonly embedding: string | undefined;
}

/** Names of the outputs. All are float32. */
export const attentionOutputs = {
  /** `[batch, heads, queries, keys]` of the site with that number. */
  weights: (site: number) => `whylight/weights:${site}`,
  average: "whylight/average",
  /** The rollout up to the common site with that number; the last is the whole. */
  rollout: (site: number) => `whylight/rollout:${site}`,
  relevance: "whylight/relevance",
  /** `[tokens]`: the absolute value of gradient times embedding, summed over the width. */
  sensitivity: "whylight/sensitivity",
  /** `[tokens]`: by how much the score depends on what each query of the last common site gathers; 0 for tokens that nothing reads. */
  readers: "whylight/readers",
} as const;

/** Which sites are handed out, and which are put together: those that attend over the same tokens. */
export interface AttentionWanted {
  readonly weights: readonly number[];
  readonly common: readonly number[];
  /** The first tokens are looked at; those behind them are padding to a length that the file fixes. */
  readonly tokens?: number | undefined;
  /** Without the gradient there is no relevancy and no sensitivity. */
  readonly isDifferentiated: boolean;
  /** Also the rollout up to each layer. */
  readonly isByLayer?: boolean;
}

/**
 * From the model's input, and the seed where it is differentiated, to `attentionOutputs` and the logits. Everything beyond the weights is over the common sites, `[tokens, tokens]`, queries as rows:
 * the mean over layers and heads; the rollout of Abnar and Zuidema (2020), whose steps are (A + I) / 2 with rows that sum to 1, the last layer leftmost; and the relevancy of Chefer, Gur and Wolf (2021) for self-attention,
 * `R = I; R += mean over heads of relu(gradient * A) @ R`. Products of matrices of tokens are the runtime's, since a loop of ours would take seconds.
 */
export function buildAttention({ graph, logits, score, embedding }: AttentionGraph, sites: readonly AttentionSite[], { weights, common, tokens, isDifferentiated, isByLayer = false }: AttentionWanted): Graph {
  const seen = [...new Set([...weights, ...common].map((i) => sites[i]!.weights))];
  const places = embedding === undefined ? [] : [embedding];
  const wrt = isDifferentiated && logits !== undefined ? [...new Set([...common.map((i) => sites[i]!.weights), ...places])] : [];
  const scored = logits === undefined ? [] : [logits];
  const kept = wrt.length > 0 ? buildGradient(graph, logits!, score, wrt) : graph;
  const builder = new GraphBuilder(prune({ ...kept, outputs: [...new Set([...scored, ...seen, ...wrt, ...wrt.map(cotangentOf)])] }), "attention/");
  const outputs = [...scored];
  const give = (value: string, name: string) => void outputs.push(builder.rename(value, name));
  const shaped = (value: string, { shape, isSquare }: AttentionSite) => {
    const apart = String(builder.shape(value)) === String(shape) ? value : builder.add("Reshape", [value, builder.ints(shape)], { allowzero: 1 });
    const isPadded = tokens !== undefined && isSquare && shape[2] > tokens;
    return isPadded ? builder.add("Slice", [apart, builder.ints([0, 0]), builder.ints([tokens, tokens]), builder.ints([2, 3])]) : apart;
  };
  const matrices = new Map(seen.map((value) => [value, shaped(value, sites.find((site) => site.weights === value)!)]));
  const matrixOf = (i: number) => matrices.get(sites[i]!.weights)!;

  for (const i of weights) give(matrixOf(i), attentionOutputs.weights(i));
  if (common.length > 0) {
    const overHeads = (value: string) => builder.add("ReduceMean", [value, builder.ints([0, 1])], { keepdims: 0 });
    const means = common.map((i) => overHeads(matrixOf(i)));
    give(builder.add("Mul", [means.reduce((a, b) => builder.add("Add", [a, b])), builder.scalar(1 / means.length)]), attentionOutputs.average);
    const identity = builder.constant(identityMatrix(builder.shape(means[0]!)[0]!));
    rolledOut(builder, means, identity).forEach((value, i, all) => { if (isByLayer || i === all.length - 1) give(value, attentionOutputs.rollout(i)); });
    if (wrt.length > 0) {
      const cotangents = common.map((i) => shaped(cotangentOf(sites[i]!.weights), sites[i]!));
      const steps = common.map((i, at) => overHeads(builder.add("Relu", [builder.add("Mul", [cotangents[at]!, matrixOf(i)])])));
      give(steps.reduce((relevance, step) => builder.add("Add", [relevance, builder.add("MatMul", [step, relevance])]), identity), attentionOutputs.relevance);
      give(builder.add("ReduceMax", [builder.add("Abs", [cotangents.at(-1)!]), builder.ints([0, 1, 3])], { keepdims: 0 }), attentionOutputs.readers);
    }
  }
  if (wrt.length > 0 && embedding !== undefined) give(sensitivityOf(builder, embedding), attentionOutputs.sensitivity);
  return verify(prune(builder.build(outputs)), "buildAttention");
}

/** The rollout up to each layer. */
function rolledOut(builder: GraphBuilder, means: readonly string[], identity: string): string[] {
  const all: string[] = [];
  for (const mean of means) {
    const mixed = builder.add("Add", [mean, identity]);
    const step = builder.add("Div", [mixed, builder.add("ReduceSum", [mixed, builder.ints([1])], { keepdims: 1 })]);
    all.push(all.length === 0 ? step : builder.add("MatMul", [step, all.at(-1)!]));
  }
  return all;
}

function sensitivityOf(builder: GraphBuilder, embedding: string): string {
  const product = builder.add("Mul", [embedding, cotangentOf(embedding)]);
  const axes = builder.shape(embedding).map((_, axis) => axis);
  const sums = builder.add("ReduceSum", [product, builder.ints(axes.slice(-1))], { keepdims: 0 });
  return builder.add("Abs", [builder.add("Reshape", [sums, builder.ints([-1])])]);
}

function identityMatrix(size: number) {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return float32([size, size], data);
}
