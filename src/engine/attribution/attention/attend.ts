/** @file Runs a model once and tells everything about its attention: weights layer by layer, and what is made of all of them. */
import { throwIfCancelled, type CancelSignal } from "../../cancellation.js";
import { toWhylightError } from "../../errors.js";
import { typeOf } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor.js";
import type { Compile } from "../context.js";
import { workOf, type Work } from "../estimate.js";
import { resolveTarget, seedValues, type ResolvedTarget, type Target } from "../target.js";
import { attentionOutputs, buildAttention, type AttentionWanted } from "./attentionProgram.js";
import { weightBytes, type AttentionSubject, type FoundLayers } from "./attentionLayers.js";

export interface AttendJob {
  readonly subject: AttentionSubject;
  readonly found: FoundLayers;
  /** Values of the graph's inputs. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** The class that relevancy is about; without effect where the model gives no scores. */
  readonly target: Target;
  /** Names the subject among the programs of its model: everything it depends on but the model. */
  readonly key: string;
  readonly compile: Compile;
  /** Bytes of weights that may be held at once; more are computed in several passes. */
  readonly memory: number;
  /** Hears the weights of each layer, in order; may keep them. */
  readonly each: (layer: number, weights: Float32Array) => void;
  readonly signal?: CancelSignal | undefined;
}

/** What is made of the weights. All `[tokens, tokens]`, or one number per token, over the common layers. */
export interface Attended {
  readonly average: Float32Array | undefined;
  readonly rollout: Float32Array | undefined;
  readonly relevance: Float32Array | undefined;
  /** How strongly the score depends on the embedding of each token: |gradient times embedding|. Without prefix tokens for images. */
  readonly sensitivity: Float32Array | undefined;
  /** By how much the score depends on what each token gathers in the last layer; 0 for tokens that nothing reads. */
  readonly readers: Float32Array | undefined;
  readonly logits: Float32Array | undefined;
  readonly target: ResolvedTarget | undefined;
}

/** Throws whatever compiling and running throw. Where the score cannot be differentiated, what needs its gradient is left out. */
export async function attend(job: AttendJob): Promise<Attended> {
  const { subject, found: { layers, common }, feeds, target, each } = job;
  const [first = [], ...others] = inPasses(job);
  job.compile.plan?.({ work: workOfPasses(job, others.length) });
  const { outputs, isDifferentiated } = await runMain(job, first);
  const values = (name: string) => outputs[name]?.data as Float32Array | undefined;
  for (const layer of first) each(layer, values(attentionOutputs.weights(layer))!);
  for (const pass of others) {
    const weights = await run(job, pass.join(), { weights: pass, common: [], isDifferentiated: false }, { ...subject, logits: undefined }, feeds);
    for (const layer of pass) each(layer, weights[attentionOutputs.weights(layer)]!.data as Float32Array);
  }
  const logits = subject.logits === undefined ? undefined : values(subject.logits);
  return {
    average: values(attentionOutputs.average), rollout: values(attentionOutputs.rollout(common.length - 1)), relevance: values(attentionOutputs.relevance),
    sensitivity: values(attentionOutputs.sensitivity), readers: values(attentionOutputs.readers), logits, target: logits && isDifferentiated && layers.length > 0 ? resolveTarget(target, logits) : undefined,
  };
}

/** The weights of one layer alone, `[windows, heads, queries, keys]`. */
export async function attendLayer(job: Omit<AttendJob, "target" | "memory" | "each">, layer: number): Promise<Float32Array> {
  const outputs = await run(job, String(layer), { weights: [layer], common: [], isDifferentiated: false }, { ...job.subject, logits: undefined }, job.feeds);
  return outputs[attentionOutputs.weights(layer)]!.data as Float32Array;
}

/** Layers in as few passes as fit into memory. */
function inPasses({ found: { layers }, memory }: AttendJob): number[][] {
  const passes: number[][] = [];
  let room = 0;
  layers.forEach((layer, i) => {
    const bytes = weightBytes(layer);
    if (passes.length === 0 || bytes > room) {
      passes.push([]);
      room = memory;
    }
    passes.at(-1)!.push(i);
    room -= bytes;
  });
  return passes;
}

/** One run with all that is made of the weights, and those that only hand out more of them. */
function workOfPasses({ subject: { graph, logits }, found: { common, tokens } }: AttendJob, others: number): Work[] {
  const main = workOf(graph, logits !== undefined && common.length > 0 ? "gradient" : "forward", [1, 1]);
  // Rollout and relevancy each multiply matrices of tokens, layer by layer.
  const products = 4 * common.length * tokens ** 3;
  return [{ ...main, flops: main.flops + products }, ...(others > 0 ? [workOf(graph, "forward", [others, others])] : [])];
}

async function runMain(job: AttendJob, weights: readonly number[]): Promise<{ outputs: Record<string, Tensor>; isDifferentiated: boolean }> {
  const { subject, found: { common }, feeds, target } = job;
  const pass = (isDifferentiated: boolean, inputs: Readonly<Record<string, Tensor>>) => run(job, `${weights.join()}|all`, { weights, common, isDifferentiated }, subject, inputs);
  if (subject.logits === undefined || common.length === 0) return { outputs: await pass(false, feeds), isDifferentiated: false };
  const shape = typeOf(subject.graph, subject.logits).shape as readonly [number, number];
  try {
    return { outputs: await pass(true, { ...feeds, ...seedValues(shape, target) }), isDifferentiated: true };
  } catch (thrown) {
    if (toWhylightError(thrown).code !== "gradientUndefined") throw thrown;
    return { outputs: await pass(false, feeds), isDifferentiated: false };
  }
}

async function run(
  { found: { layers }, key, compile, signal }: Pick<AttendJob, "found" | "key" | "compile" | "signal">, pass: string, wanted: AttentionWanted, subject: AttentionSubject, feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  throwIfCancelled(signal);
  const program = await compile(["attention", key, pass, wanted.isDifferentiated ? subject.score : "forward"].join("|"), () => buildAttention(subject, layers.map(({ site }) => site), { ...wanted, tokens: subject.tokens }), wanted.isDifferentiated ? "gradient" : "forward");
  throwIfCancelled(signal);
  const outputs = await program.run(feeds);
  throwIfCancelled(signal);
  return outputs;
}
