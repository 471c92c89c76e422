/** @file The program that audits run: logits of a batch, with a layer's activation and its gradient for each image's own answer, so that maps and features cost next to nothing. */
import { mapSourceOf } from "../../engine/audit/mapSource.js";
import { buildRecords, recordOutputs } from "../../engine/audit/recordProgram.js";
import { recordFeatures, recordMap } from "../../engine/audit/recordValues.js";
import { createBatchLimits, type BatchJob, type BatchLimits } from "../../engine/attribution/batching.js";
import type { Classifier } from "../../engine/attribution/classifier.js";
import type { Layer } from "../../engine/attribution/layers.js";
import { chooseLayers, type Prepared } from "../../engine/attribution/prepare.js";
import { buildForward } from "../../engine/attribution/programs.js";
import { seedValues } from "../../engine/attribution/target.js";
import { toWhylightError } from "../../engine/errors.js";
import { typeOf, type Graph } from "../../engine/ir/graph.js";
import { float32, sizeOf } from "../../engine/ir/tensor.js";
import type { Program } from "../../engine/runtime.js";
import { batchMemory } from "../memory.js";
import type { LoadedModel } from "../modelCache.js";
import { fittingProgram, type AuditProgram, type OwnedProgram } from "./fittingProgram.js";

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
  get(shape: readonly number[]): AuditProgram;
  dispose(): void;
}

/** Shapes whose programs are kept; more than one only where images keep their own size. */
const keptShapes = 4;

/** Compiles where needed, and forgets the shapes used longest ago. `limits` is what is known of how large batches may be. */
export function auditPrograms(model: LoadedModel, layer: Layer | undefined, compile: CompileGraph, limits = createBatchLimits()): AuditPrograms {
  const programs = new Map<string, OwnedProgram>();
  const forget = (key: string) => {
    programs.get(key)?.dispose();
    programs.delete(key);
  };
  return {
    get: (shape) => {
      const key = shape.join();
      const program = programs.get(key) ?? auditProgram(model.classifier(), model.prepared(shape), layer, compile, limits);
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

/** The program for images of one shape. */
function auditProgram(classifier: Classifier, prepared: Prepared, layer: Layer | undefined, compile: CompileGraph, limits: BatchLimits): OwnedProgram {
  const shape = typeOf(prepared.graph, classifier.input).shape as readonly number[];
  const job: BatchJob = { graph: prepared.graph, pass: "forward", count: expectedImages, memory: batchMemory(), kind: ["audit", layer?.name, ...shape].join("|"), limits, atOnce: prepared.atOnce };
  return fittingProgram(sizeOf(shape), job, (atOnce) => programOf(classifier, prepared, layer, compile, atOnce));
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
