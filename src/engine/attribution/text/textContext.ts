/** @file What a method for text works with: one window of tokens, the target, and ways to evaluate the model that see to batches, progress and cancelling. */
import { throwIfCancelled, type CancelSignal } from "../../cancellation.js";
import { typeOf, type Graph } from "../../ir/graph.js";
import { float32, toFloat32, type Tensor } from "../../ir/tensor.js";
import type { EncodedToken, Tokenizer } from "../../text/tokenizer.js";
import { createBatchLimits, inBatches, planBatches, type Pass } from "../batching.js";
import { createContext, type Compile, type Evaluated, type MethodContext, type Report } from "../context.js";
import { workOf } from "../estimate.js";
import { memoUnder, recallOr } from "../memo.js";
import { buildForward, buildGradient, cotangentOf } from "../programs.js";
import { isFoundByProgram, resolveTarget, scoreOf, seedValues, type ResolvedTarget, type Target } from "../target.js";
import type { Place, PreparedText } from "./prepareText.js";
import { feedsOf } from "./textModel.js";

/** Tokens `[from, to)` that make a word together. */
export interface TokenRange {
  readonly from: number;
  readonly to: number;
}

export interface TextContextJob {
  readonly prepared: PreparedText;
  readonly tokenizer: Tokenizer;
  /** Of the prepared length, special tokens included. */
  readonly tokens: readonly EncodedToken[];
  readonly words: readonly TokenRange[];
  readonly target: Target;
  /** Bytes that a batch may take. */
  readonly memory: number;
  readonly compile: Compile;
  readonly report?: Report | undefined;
  readonly signal?: CancelSignal | undefined;
}

export interface TextContext extends Pick<TextContextJob, "prepared" | "tokenizer" | "tokens" | "words"> {
  readonly evaluations: { readonly forward: number; readonly gradient: number };
  /** The model's answer for the text where it was computed already. */
  known(): { readonly logits: Float32Array; readonly target: ResolvedTarget } | undefined;
  /** Logits and score of the text; computed once. */
  atInput(): Promise<Evaluated>;
  /** Values of the prepared graph and the score's gradient there, for the text itself. Finds the predicted class by the way. */
  differentiate(values: readonly string[]): Promise<(value: string) => { readonly value: Float32Array; readonly gradient: Float32Array }>;
  /** The embeddings of other tokens in the text's place, as many. */
  embed(place: Place, tokens: readonly EncodedToken[]): Promise<Float32Array>;
  /** Scores of other texts of the same length, in order. `first` of them is the text itself. */
  forEachText(texts: readonly (readonly EncodedToken[])[], each: (i: number, evaluated: Evaluated) => void): Promise<void>;
  /** The part of the model above a place, with the text's embeddings `[1, tokens, width]` as the image of a `MethodContext`. */
  above(place: Place): Promise<MethodContext>;
  /** Says how many evaluations will follow, so that progress has a true total. */
  expect(count: number): void;
}

/** A context for one window. Nothing runs before a method asks. */
export function createTextContext(job: TextContextJob): TextContext {
  const { prepared, tokens, signal } = job;
  const { model, scores, classes, graph, sites } = prepared;
  const spent = { forward: 0, gradient: 0 };
  const parts: MethodContext[] = [];
  let resolved = job.target.index !== "predicted" && job.target.versus !== "runner-up" ? (job.target as ResolvedTarget) : undefined;
  let own: Evaluated | undefined;
  let [done, expected] = [0, 0];

  const feed = (texts: readonly (readonly EncodedToken[])[]) => feedsOf(model, texts, job.tokenizer.special.pad?.id);
  const limits = job.compile.limits ?? createBatchLimits();
  const compileAs = (prefix: string): Compile => Object.assign((key: string, build: () => Graph, pass?: Pass) => job.compile(`${prefix}|${key}`, build, pass), { limits, ...(job.compile.plan && { plan: job.compile.plan }), ...(job.compile.memo && { memo: memoUnder(job.compile.memo, prefix) }) });
  const compile = compileAs(`text|${prepared.tokens}`);
  const settle = (logits: Float32Array): Evaluated => {
    resolved ??= resolveTarget(job.target, logits);
    own ??= { logits: Float32Array.from(logits), score: scoreOf(logits, resolved) };
    return own;
  };
  const advance = (texts: number) => {
    done += texts;
    expected = Math.max(expected, done);
    job.report?.(done, expected);
  };
  const run = async (key: string, build: () => Graph, inputs: Readonly<Record<string, Tensor>>, pass: Pass, texts: number) => {
    throwIfCancelled(signal);
    const program = await compile(key, build, pass);
    throwIfCancelled(signal);
    const outputs = await program.run(inputs);
    throwIfCancelled(signal);
    spent[pass] += texts;
    advance(texts);
    return outputs;
  };
  /** On one text: a job before this one may have asked the same. */
  const once: typeof run = (key, build, inputs, pass, texts) => {
    throwIfCancelled(signal);
    compile.plan?.({ work: [workOf(graph, pass, [texts, texts])] });
    return recallOr(compile.memo, key, inputs, () => run(key, build, inputs, pass, texts), () => advance(texts));
  };
  const logitsIn = (outputs: Readonly<Record<string, Tensor>>, row = 0) => toFloat32(outputs[scores]!).subarray(row * classes, (row + 1) * classes);

  /** Scores and both embeddings by one program, whichever is wanted. */
  const forward = async (text: readonly EncodedToken[]) => once("forward", () => buildForward(graph, scores, Object.values(sites)), feed([text]), "forward", 1);

  async function atInput(): Promise<Evaluated> {
    return own ?? settle(logitsIn(await forward(tokens)));
  }
  const target = async () => {
    if (!resolved) await atInput();
    return resolved!;
  };

  return {
    prepared, tokens, tokenizer: job.tokenizer, words: job.words, atInput,
    get evaluations() {
      const sum = (pass: keyof typeof spent) => parts.reduce((total, { evaluations }) => total + evaluations[pass], spent[pass]);
      return { forward: sum("forward"), gradient: sum("gradient") };
    },
    known: () => (own && resolved ? { logits: own.logits, target: resolved } : undefined),
    differentiate: async (values) => {
      const wanted = isFoundByProgram(job.target) ? (resolved ?? job.target) : await target();
      const build = () => buildGradient(graph, scores, job.target.score, values);
      const outputs = await once(`gradient|${job.target.score}|${values.join("\n")}`, build, { ...feed([tokens]), ...seedValues([1, classes], wanted) }, "gradient", 1);
      settle(logitsIn(outputs));
      return (value) => ({ value: toFloat32(outputs[value]!), gradient: toFloat32(outputs[cotangentOf(value)]!) });
    },
    embed: async (place, text) => Float32Array.from(toFloat32((await forward(text))[sites[place]]!)),
    forEachText: async (texts, each) => {
      const plan = planBatches({ graph, pass: "forward", count: texts.length, memory: job.memory, kind: `texts of ${prepared.tokens}`, limits, atOnce: prepared.atOnce });
      const planned = plan.size();
      compile.plan?.({ work: [workOf(graph, "forward", [texts.length, texts.length], planned, plan.bytes(planned))] });
      await inBatches(plan, async (first, filled, at) => {
        const batch = texts.slice(first, first + filled);
        // A program of fixed size gets its last text again, and nobody looks at what comes of it.
        const whole = [...batch, ...Array.from({ length: at - filled }, () => batch.at(-1)!)];
        const outputs = await run(`forward|${at}`, () => buildForward(prepared.graphAt(at), scores), feed(whole), "forward", filled);
        batch.forEach((text, row) => {
          const logits = logitsIn(outputs, row);
          if (text === tokens) settle(logits);
          const wanted = resolved ?? resolveTarget(job.target, own?.logits ?? logits);
          each(first + row, { logits, score: scoreOf(logits, wanted) });
        });
      });
    },
    above: async (place) => {
      const outputs = await forward(tokens);
      const { logits } = settle(logitsIn(outputs));
      const part = prepared.above(place);
      const embeddings = outputs[sites[place]]!;
      const context = createContext({
        classifier: { graph: part.graph, input: sites[place], logits: scores, classes }, input: float32(embeddings.shape, Float32Array.from(toFloat32(embeddings))),
        prepared: { ...part, layers: [], defaultLayer: undefined }, target: await target(), layers: [], pixels: { scale: 1, mean: [0], std: [1], layout: "NCHW" }, memory: job.memory, signal, logits,
        compile: compileAs(`text|${prepared.tokens}|${place}`),
        report: (steps, total) => job.report?.(done + steps, done + total),
        others: (batch) => {
          const feeds = feed(Array.from({ length: batch }, () => tokens));
          return Object.fromEntries(part.graph.inputs.filter((name) => name !== sites[place]).map((name) => [name, feeds[name]!]));
        },
      });
      parts.push(context);
      return context;
    },
    expect: (count) => {
      expected = done + count;
      job.report?.(done, expected);
    },
  };
}

/** The width of a place's embeddings. */
export function widthOf({ graph, sites }: PreparedText, place: Place): number {
  return typeOf(graph, sites[place]).shape!.at(-1) as number;
}
