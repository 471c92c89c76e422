/** @file The program that audits run: logits of a batch, with a layer's activation and its gradient for each image's own answer, so that maps and features cost next to nothing. */
import { availableMemory } from "node:process";
import { mapSourceOf } from "../../engine/audit/mapSource.js";
import { buildRecords, recordOutputs } from "../../engine/audit/recordProgram.js";
import { recordFeatures, recordMap } from "../../engine/audit/recordValues.js";
import { batchSize, createBatchLimits, inBatches } from "../../engine/attribution/batching.js";
import type { Classifier } from "../../engine/attribution/classifier.js";
import type { Layer } from "../../engine/attribution/layers.js";
import { chooseLayers, type Prepared } from "../../engine/attribution/prepare.js";
import { buildForward } from "../../engine/attribution/programs.js";
import { seedValues } from "../../engine/attribution/target.js";
import { toWhylightError } from "../../engine/errors.js";
import { typeOf, type Graph } from "../../engine/ir/graph.js";
import { float32, sizeOf } from "../../engine/ir/tensor.js";
import type { Program } from "../../engine/runtime.js";
import type { LoadedModel } from "../modelCache.js";

/** What the model says of one image. */
export interface Answer {
  /** Copies, which last. */
  readonly logits: Float32Array;
  readonly map: Float32Array | undefined;
  readonly features: Float32Array | undefined;
}

export interface AuditProgram {
  /** Elements of one image, and images at once. */
  readonly size: number;
  readonly atOnce: number;
  /** Runs the first `count` images of a batch, `atOnce * size` values. */
  run(batch: Float32Array, count: number): Promise<Answer[]>;
}

interface OwnedProgram extends AuditProgram {
  dispose(): void;
}

/** The share of free memory that a batch may take. */
const memoryShare = 0.15;
/** Batches beyond this wait longer for their images than they gain. */
const expectedImages = 1 << 16;

/** The layer that maps are of; `undefined` for models without a layer on a grid. Throws `layerUnknown` for a name the model does not have. */
export function auditLayer(prepared: Prepared, name: string | undefined): Layer | undefined {
  return name === undefined ? prepared.defaultLayer : chooseLayers(prepared, [name])[0];
}

/** Compiles a graph for one audit. */
type CompileGraph = (graph: Graph) => Promise<Program>;

/** Programs for images of several shapes. */
export interface AuditPrograms {
  get(shape: readonly number[]): Promise<AuditProgram>;
  dispose(): void;
}

/** Shapes whose programs are kept; more than one only where images keep their own size. */
const keptShapes = 4;

/** Compiles where needed, and forgets the shapes used longest ago. */
export function auditPrograms(model: LoadedModel, layer: Layer | undefined, compile: CompileGraph): AuditPrograms {
  const programs = new Map<string, Promise<OwnedProgram>>();
  const forget = (key: string) => {
    void programs.get(key)?.then((program) => program.dispose(), () => {});
    programs.delete(key);
  };
  return {
    get: (shape) => {
      const key = shape.join();
      const program = programs.get(key) ?? auditProgram(model.classifier(), model.prepared(shape), layer, compile);
      programs.delete(key);
      programs.set(key, program);
      for (const oldest of programs.keys()) if (programs.size > keptShapes) forget(oldest);
      return program;
    },
    dispose: () => {
      for (const key of programs.keys()) forget(key);
    },
  };
}

/** The program for images of one shape. Where memory runs out, smaller batches go through another one. */
async function auditProgram(classifier: Classifier, prepared: Prepared, layer: Layer | undefined, compile: CompileGraph): Promise<OwnedProgram> {
  const size = sizeOf(typeOf(prepared.graph, classifier.input).shape as readonly number[]);
  const atOnce = prepared.atOnce(batchSize(prepared.graph, "forward", expectedImages, availableMemory() * memoryShare));
  const limits = createBatchLimits();
  let fitting: OwnedProgram | undefined;
  const drop = () => {
    fitting?.dispose();
    fitting = undefined;
  };
  const run: AuditProgram["run"] = async (batch, count) => {
    const answers: Answer[] = [];
    await inBatches({ count, size: atOnce, kind: "audit", limits }, async (first, filled, at) => {
      if (fitting?.atOnce !== at) drop();
      fitting ??= await programOf(classifier, prepared, layer, compile, at);
      const part = at === atOnce ? batch : new Float32Array(at * size);
      if (part !== batch) part.set(batch.subarray(first * size, (first + filled) * size));
      answers.push(...(await fitting.run(part, filled)));
    });
    return answers;
  };
  return { size, atOnce, run, dispose: drop };
}

/** Compiles for so many images; without maps where the model cannot be differentiated above the layer. */
async function programOf(classifier: Classifier, prepared: Prepared, layer: Layer | undefined, compile: CompileGraph, atOnce: number): Promise<OwnedProgram> {
  const { logits, input } = classifier;
  const shape = typeOf(prepared.graph, input).shape as readonly number[];
  const size = sizeOf(shape);
  const graph = prepared.graphAt(atOnce);
  const classes = typeOf(graph, logits).shape![1] as number;
  const source = layer && mapSourceOf(prepared, layer);
  const gradient = layer && source && (await differentiated(async () => compile(buildRecords(graph, logits, layer, source))));
  const program = gradient ?? (await compile(buildForward(graph, logits)));
  const seeds = gradient ? seedValues([atOnce, classes], { index: "predicted", versus: undefined }) : {};
  return {
    size, atOnce, dispose: () => program.dispose(),
    run: async (batch, count) => {
      const outputs = await program.run({ [input]: float32([atOnce, ...shape.slice(1)], batch), ...seeds });
      /** One image's part of an output. */
      const rowOf = (name: string, row: number) => {
        const values = outputs[name]!.data as Float32Array;
        return values.subarray((row * values.length) / atOnce, ((row + 1) * values.length) / atOnce);
      };
      return Array.from({ length: count }, (_, row) => {
        const answer = { logits: rowOf(logits, row).slice(), map: undefined, features: undefined };
        if (!source || !gradient) return answer;
        return { ...answer, map: recordMap(rowOf(recordOutputs.map, row), source.layer.spatial.grid), features: recordFeatures(rowOf(recordOutputs.features, row)) };
      });
    },
  };
}

/** A model that cannot be differentiated can still be audited. */
async function differentiated(compile: () => Promise<Program>): Promise<Program | undefined> {
  try {
    return await compile();
  } catch (thrown) {
    if (["gradientUndefined", "opUnsupported"].includes(toWhylightError(thrown).code)) return undefined;
    throw thrown;
  }
}
