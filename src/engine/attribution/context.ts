/** @file What a method works with: the image, the target, and ways to evaluate the model that see to batches, progress and cancelling. */
import { throwIfCancelled, type CancelSignal } from "../cancellation.js";
import type { Graph } from "../ir/graph.js";
import { typeOf } from "../ir/graph.js";
import { float32, sizeOf, type Tensor } from "../ir/tensor.js";
import type { Preprocess } from "../preprocess/description.js";
import type { Program } from "../runtime.js";
import { createBatchLimits, inBatches, inRows, planBatches, type BatchLimits, type Pass } from "./batching.js";
import type { Classifier } from "./classifier.js";
import { workOf, type Plan } from "./estimate.js";
import type { Layer } from "./layers.js";
import { recallOr, type Asked, type Memo } from "./memo.js";
import type { PlainTensor } from "./parameters.js";
import type { Prepared } from "./prepare.js";
import { buildForward, buildGradient, cotangentOf, ordinaryRules, type NamedRules } from "./programs.js";
import { isFoundByProgram, resolveTarget, scoreOf, seedValues, type ResolvedTarget, type Target } from "./target.js";

/** Compiles a graph, or finds it compiled: `key` names it among the programs of one model and runtime; `pass` says what it is measured as, forward when left out. */
export interface Compile {
  (key: string, build: () => Graph, pass?: Pass): Promise<Program>;
  /** What was learnt of these programs' batches, for as long as the caller keeps it. */
  readonly limits?: BatchLimits;
  /** What these programs gave for single inputs; nothing is shared where it is left out. */
  readonly memo?: Memo;
  /** Hears what is about to run; of plans within a larger one too. */
  readonly plan?: (plan: Plan) => void;
}

/** What the model's numbers are as pixels, for baselines. */
export type PixelSpace = Pick<Preprocess, "scale" | "mean" | "std" | "layout">;

/** Steps of a job done so far. `partial` makes the map so far, and costs nothing until it is called. */
export type Report = (done: number, total: number, partial?: () => PlainTensor) => void;

export interface ContextJob {
  readonly classifier: Classifier;
  /** float32 (float64 for the interpreter), one image. */
  readonly input: Tensor;
  readonly prepared: Prepared;
  readonly target: Target;
  /** The layers to look at; empty for methods that look at none. */
  readonly layers: readonly Layer[];
  readonly pixels: PixelSpace;
  /** Bytes that a batch may take. */
  readonly memory: number;
  readonly compile: Compile;
  readonly report?: Report | undefined;
  readonly signal?: CancelSignal | undefined;
  /** Inputs besides the image that stay as they are, for a batch of so many. */
  readonly others?: ((batch: number) => Readonly<Record<string, Tensor>>) | undefined;
  /** The model's answer for the image, where it is known already. */
  readonly logits?: Float32Array | undefined;
}

/** The model's answer for one image. The arrays are views that the next batch overwrites: copy what must last. */
export interface Evaluated {
  readonly logits: Float32Array;
  /** The explained scalar. */
  readonly score: number;
}

export interface Differentiated extends Evaluated {
  /** Of the input's size: the cotangent of the input. */
  readonly gradient: Float32Array;
}

/** One layer's activation and the score's gradient there, raw as the model lays them out (`layer.spatial` says how). */
export interface AtLayer {
  readonly layer: Layer;
  readonly activation: Float32Array;
  readonly gradient: Float32Array;
}

export interface EachOptions {
  readonly rules?: NamedRules;
  /** The map so far, for showing while the rest is computed; called after a batch at most. */
  readonly partial?: () => PlainTensor;
  /** The batch is chosen as for so many images, so that calls of fewer share its program; their own number when left out. */
  readonly as?: number;
}

/** Writes image `i` into `into`, an array of the input's size. */
export type MakeImage = (i: number, into: Float32Array) => void;

/** Images that a method will ask for. */
export interface Expected {
  readonly pass: Pass;
  readonly images: number;
  /** The fewest and the most, where the method finds out as it goes. */
  readonly between?: readonly [fewest: number, most: number];
  /** Images at once; as batches of `images` are made when left out. */
  readonly atOnce?: number;
  /** What they go through, specialised to one image; the whole model when left out. */
  readonly graph?: Graph;
}

/** Images a program went through. */
export interface Spent {
  readonly forward?: number;
  readonly gradient?: number;
}

export interface MethodContext {
  readonly input: Tensor;
  /** The input's elements. */
  readonly x: Float32Array;
  readonly size: number;
  readonly classes: number;
  readonly pixels: PixelSpace;
  readonly layers: readonly Layer[];
  readonly classifier: Classifier;
  readonly prepared: Prepared;
  readonly given: Target;
  readonly memory: number;
  /** What was learnt of how large batches may be. */
  readonly limits: BatchLimits;
  readonly signal: CancelSignal | undefined;
  /** How often the model was run so far: images forward, and images differentiated. */
  readonly evaluations: { readonly forward: number; readonly gradient: number };
  /** The target with its classes known; runs the model once where they are not yet. */
  target(): Promise<ResolvedTarget>;
  /** The model's answer for the explained image where it was computed already. */
  known(): { readonly logits: Float32Array; readonly target: ResolvedTarget } | undefined;
  /** Logits and score of the explained image; computed once. */
  atInput(): Promise<Evaluated>;
  /** Gradient of the score at the explained image. Finds the predicted class by the way, without a forward pass of its own. */
  gradientAtInput(rules?: NamedRules): Promise<Differentiated>;
  /** Activations of `layers` and the gradients there, at the explained image; one program, whatever is then made of them. */
  atLayers(rules?: NamedRules): Promise<readonly AtLayer[]>;
  /** Activations of `layers` alone, by a forward pass. */
  activations(): Promise<readonly Float32Array[]>;
  /** Says what the method will ask for from here on, so that progress has a true total and people hear how long it will take. */
  expect(...work: readonly Expected[]): void;
  /** Scores of many images, in order. */
  forEachScore(count: number, image: MakeImage, each: (i: number, evaluated: Evaluated) => void, options?: Pick<EachOptions, "partial">): Promise<void>;
  /** Gradients at many images, in order. */
  forEachGradient(count: number, image: MakeImage, each: (i: number, differentiated: Differentiated) => void, options?: EachOptions): Promise<void>;
  /** Runs a program of the method's own, of any inputs. `key` must name everything it depends on but the model. Seeds are the caller's (`seedValues`); `spent` is added to `evaluations`. */
  run(key: string, build: () => Graph, inputs: Readonly<Record<string, Tensor>>, spent?: Spent): Promise<Record<string, Tensor>>;
  /** One more step of work done that `run` did; `of` images. */
  advance(images: number, partial?: () => PlainTensor): void;
}

/** A context for one job. Nothing runs before a method asks. */
export function createContext(job: ContextJob): MethodContext {
  const { classifier, input, prepared, layers, signal, others = () => ({}) } = job;
  const { logits: logitsName, input: inputName } = classifier;
  const size = sizeOf(input.shape);
  const classes = typeOf(prepared.graph, logitsName).shape![1] as number;
  const limits = job.compile.limits ?? createBatchLimits();
  const evaluations = { forward: 0, gradient: 0 };
  let resolved: ResolvedTarget | undefined = job.target.index !== "predicted" && job.target.versus !== "runner-up" ? (job.target as ResolvedTarget) : undefined;
  let own: Evaluated | undefined;
  let expected = 0;
  let done = 0;

  const settle = (logits: Float32Array): Evaluated => {
    resolved ??= resolveTarget(job.target, logits);
    own ??= { logits: Float32Array.from(logits), score: scoreOf(logits, resolved) };
    return own;
  };

  if (job.logits) settle(job.logits);

  const runAs = async (pass: Pass, key: string, build: () => Graph, inputs: Readonly<Record<string, Tensor>>) => {
    throwIfCancelled(signal);
    const program = await job.compile(key, build, pass);
    throwIfCancelled(signal);
    const outputs = await program.run(inputs);
    throwIfCancelled(signal);
    return outputs;
  };

  const run: MethodContext["run"] = async (key, build, inputs, { forward = 0, gradient = 0 } = {}) => {
    const outputs = await runAs(gradient > 0 ? "gradient" : "forward", key, build, inputs);
    evaluations.forward += forward;
    evaluations.gradient += gradient;
    return outputs;
  };

  /** On the explained input itself: a job before this one may have asked the same. `spent` are the images it runs. */
  const once = (key: string, build: () => Graph, inputs: Readonly<Record<string, Tensor>>, spent: Spent) => {
    throwIfCancelled(signal);
    return recallOr(job.compile.memo, key, inputs, () => run(key, build, inputs, spent));
  };

  const advance: MethodContext["advance"] = (images, partial) => {
    done += images;
    expected = Math.max(expected, done);
    job.report?.(done, expected, partial);
  };

  const planFor = (pass: Pass, count: number, as = count, graph = prepared.graph) => planBatches({
    graph, pass, count, as, memory: job.memory, kind: [pass, ...(graph === prepared.graph ? input.shape.slice(1) : ["a part"])].join("x"), limits, atOnce: prepared.atOnce,
  });

  const announce = (work: readonly Expected[]) => job.compile.plan?.({
    work: work.map(({ pass, images, between = [images, images], graph = prepared.graph, atOnce }) => {
      const plan = planFor(pass, images, images, graph);
      const size = atOnce ?? plan.size();
      return workOf(graph, pass, between, size, plan.bytes(size));
    }),
  });

  const values = (tensor: Tensor) => tensor.data as Float32Array;

  const ownInputs = { ...others(input.shape[0]!), [inputName]: input };
  let asked: Asked | undefined;
  const askLogits = () => (asked ??= job.compile.memo?.ask("logits", ownInputs));
  /** Every program of the input tells the logits by the way. */
  const hear = (outputs: Readonly<Record<string, Tensor>>): Evaluated => {
    if (!own && !askLogits()?.outputs) asked?.keep({ [logitsName]: outputs[logitsName]! });
    return settle(values(outputs[logitsName]!).subarray(0, classes));
  };

  async function atInput(): Promise<Evaluated> {
    if (own) return own;
    announce([{ pass: "forward", images: 1 }]);
    return hear(askLogits()?.outputs ?? (await run(`forward|${input.shape.join("x")}`, () => buildForward(prepared.graph, logitsName), ownInputs, { forward: 1 })));
  }

  const target = async () => {
    if (!resolved) await atInput();
    return resolved!;
  };

  /** A gradient at the explained image itself, with respect to any values; the class is found by the program where it can be. Of several images each has its own. */
  async function differentiate(wrt: readonly string[], rules: NamedRules): Promise<Record<string, Tensor>> {
    const wanted = isFoundByProgram(job.target) ? (resolved ?? job.target) : await target();
    // Most layers that people look at are the last ones, above which there is little to go back through.
    announce([{ pass: wrt.includes(inputName) ? "gradient" : "forward", images: 1 }]);
    const at = (batch: Tensor): Parameters<typeof once> => {
      const count = batch.shape[0]!;
      const key = [rules.name, job.target.score, wrt.join("\n"), batch.shape.join("x")].join("|");
      const inputs = { ...others(count), [inputName]: batch, ...seedValues([count, classes], wanted) };
      return [key, () => buildGradient(prepared.graphAt(count), logitsName, job.target.score, wrt, rules), inputs, { gradient: count }];
    };
    // Values on the way need not count images along their first axis.
    const areRows = wrt.every((value) => value === inputName) && input.shape[0] === prepared.atOnce(input.shape[0]!);
    const outputs = areRows ? await inRows(input, (rows) => once(...at(rows))) : await once(...at(input));
    hear(outputs);
    return outputs;
  }

  /** Fills batches, runs them, and hands out what each image got. */
  async function throughBatches(
    pass: Pass, count: number, image: MakeImage, evaluate: (batch: Tensor, at: number) => Promise<Record<string, Tensor>>,
    each: (i: number, outputs: Record<string, Tensor>, row: number) => void, { partial, as = count }: Pick<EachOptions, "partial" | "as">,
  ): Promise<void> {
    const plan = planFor(pass, count, as);
    const planned = plan.size();
    if (expected < done + count) {
      expected = done + count;
      announce([{ pass, images: count, atOnce: planned }]);
    }
    // A map so far is shown with the model's answer beside it.
    if (partial && job.report) await atInput();
    let batch = new Float32Array(planned * size);
    let made = 0;
    await inBatches(plan, async (first, filled, at) => {
      if (batch.length < at * size) batch = new Float32Array(at * size);
      // What a batch that was too large had been filled with waits in the first rows: images may be drawn at random, in order.
      for (; made < filled; made++) image(first + made, batch.subarray(made * size, (made + 1) * size));
      // A program of fixed size gets its last rows again: finite numbers, and nobody looks at them.
      const outputs = await evaluate(float32([at, ...input.shape.slice(1)], batch.subarray(0, at * size)), at);
      evaluations[pass] += filled;
      for (let row = 0; row < filled; row++) each(first + row, outputs, row);
      batch.copyWithin(0, filled * size, made * size);
      made -= filled;
      advance(filled, partial);
    });
  }

  return {
    input, x: input.data as Float32Array, size, classes, pixels: job.pixels, layers, classifier, prepared, given: job.target, memory: job.memory, limits, signal, evaluations, target, atInput, run, advance,
    known: () => (own && resolved ? { logits: own.logits, target: resolved } : undefined),
    gradientAtInput: async (rules = ordinaryRules) => {
      const outputs = await differentiate([inputName], rules);
      return { ...settle(values(outputs[logitsName]!).subarray(0, classes)), gradient: values(outputs[cotangentOf(inputName)]!) };
    },
    atLayers: async (rules = ordinaryRules) => {
      const outputs = await differentiate(layers.map(({ name }) => name), rules);
      return layers.map((layer) => ({ layer, activation: values(outputs[layer.name]!), gradient: values(outputs[cotangentOf(layer.name)]!) }));
    },
    activations: async () => {
      const names = layers.map(({ name }) => name);
      announce([{ pass: "forward", images: 1 }]);
      const outputs = await once(`activations|${names.join("\n")}|${input.shape.join("x")}`, () => buildForward(prepared.graph, logitsName, names), ownInputs, { forward: 1 });
      hear(outputs);
      return names.map((name) => values(outputs[name]!));
    },
    expect: (...work) => {
      expected = done + work.reduce((total, { images }) => total + images, 0);
      announce(work);
      job.report?.(done, expected);
    },
    forEachScore: async (count, image, each, options = {}) => {
      const wanted = await target();
      const evaluate = (batch: Tensor, at: number) => runAs("forward", `forward|${batch.shape.join("x")}`, () => buildForward(prepared.graphAt(at), logitsName), { ...others(at), [inputName]: batch });
      await throughBatches("forward", count, image, evaluate, (i, outputs, row) => {
        const logits = values(outputs[logitsName]!).subarray(row * classes, (row + 1) * classes);
        each(i, { logits, score: scoreOf(logits, wanted) });
      }, options);
    },
    forEachGradient: async (count, image, each, { rules = ordinaryRules, ...options } = {}) => {
      const wanted = await target();
      const evaluate = (batch: Tensor, at: number) => runAs(
        "gradient", [rules.name, wanted.score, inputName, batch.shape.join("x")].join("|"), () => buildGradient(prepared.graphAt(at), logitsName, wanted.score, [inputName], rules),
        { ...others(at), [inputName]: batch, ...seedValues([at, classes], wanted) },
      );
      await throughBatches("gradient", count, image, evaluate, (i, outputs, row) => {
        const logits = values(outputs[logitsName]!).subarray(row * classes, (row + 1) * classes);
        each(i, { logits, score: scoreOf(logits, wanted), gradient: values(outputs[cotangentOf(inputName)]!).subarray(row * size, (row + 1) * size) });
      }, options);
    },
  };
}
