/** @file How attention is computed: in passes where memory is short, without padding, without what cannot be differentiated, and put together from the layers that belong together. */
import { describe, expect, it } from "vitest";
import { attend, attendLayer, type AttendJob } from "../../../src/engine/attribution/attention/attend.js";
import { attentionLayers, type AttentionSubject } from "../../../src/engine/attribution/attention/attentionLayers.js";
import type { Compile } from "../../../src/engine/attribution/context.js";
import { WhylightError } from "../../../src/engine/errors.js";
import { importOnnx } from "../../../src/engine/importers/onnx/importOnnx.js";
import { int64, toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { specialize } from "../../../src/engine/passes/specialize.js";
import { referenceRuntime } from "../../../src/engine/reference/referenceRuntime.js";
import { openFile } from "../../oracle/fileSource.js";
import { fixture, readArrays, relativeError } from "../readReference.js";

const source = openFile(fixture("reference", "distilbert_tiny", "model.onnx"));
const recorded = readArrays(fixture("reference", "distilbert_tiny", "reference.safetensors"));
const ids = toNumbers(recorded.get("t0/input_ids")!);
const target = { index: 1, versus: undefined, score: "logit" } as const;

/** A job on the first recorded text, padded to a length, that notes which programs were compiled. */
function jobOf(length: number, over: Partial<AttendJob> = {}) {
  const feeds: Record<string, Tensor> = { input_ids: int64([1, length], [...ids, ...new Array<number>(length - ids.length).fill(0)]), attention_mask: int64([1, length], Array.from({ length }, (_, i) => (i < ids.length ? 1 : 0))) };
  const graph = specialize(importOnnx(source).graph, { input_ids: [1, length], attention_mask: [1, length] });
  const subject: AttentionSubject = { graph, logits: graph.outputs[0]!, score: "logit", embedding: undefined, image: undefined, tokens: ids.length };
  const keys: string[] = [];
  const weights: number[][] = [];
  const compile: Compile = (key, build) => {
    keys.push(key);
    return referenceRuntime.compile(build(), source.readRange);
  };
  const job: AttendJob = { subject, found: attentionLayers(subject), feeds, target, key: String(length), compile, memory: Infinity, each: (layer, data) => { weights[layer] = [...data]; }, ...over };
  return { job, keys, weights };
}

const furthest = (actual: readonly number[], expected: Tensor) => Math.max(...toNumbers(expected).map((value, i) => Math.abs(value - (actual[i] ?? Infinity))));

describe("attend", () => {
  it("runs the model once where there is room, and layer by layer where there is none", async () => {
    // A layer of 4 heads and 8 tokens takes 1024 bytes.
    for (const [memory, runs] of [[Infinity, 1], [2048, 2], [0, 3]] as const) {
      const { job, keys, weights } = jobOf(8, { memory });
      const { average, relevance } = await attend(job);
      expect(keys).toHaveLength(runs);
      expect(furthest(weights.flat(), recorded.get("t0/attentions")!)).toBeLessThanOrEqual(1e-5);
      expect(furthest([...average!], recorded.get("t0/attention_mean")!)).toBeLessThanOrEqual(1e-5);
      expect(relativeError(relevance!, recorded.get("t0/pred/relevancy_chefer"))).toBeLessThanOrEqual(1e-3);
    }
  });

  it("leaves padding out of everything", async () => {
    const { job, weights } = jobOf(13);
    expect(job.found.layers.map(({ shape }) => shape)).toEqual([1, 2, 3].map(() => [1, 4, 8, 8]));
    const { average, rollout, relevance, logits } = await attend(job);
    expect(furthest([...logits!], recorded.get("t0/logits")!)).toBeLessThanOrEqual(1e-4);
    expect(furthest(weights.flat(), recorded.get("t0/attentions")!)).toBeLessThanOrEqual(1e-5);
    expect(furthest([...average!], recorded.get("t0/attention_mean")!)).toBeLessThanOrEqual(1e-5);
    expect(relativeError(rollout!, recorded.get("t0/rollout"))).toBeLessThanOrEqual(1e-3);
    expect(relativeError(relevance!, recorded.get("t0/pred/relevancy_chefer"))).toBeLessThanOrEqual(1e-3);
    expect(furthest([...await attendLayer(job, 1)], { ...recorded.get("t0/attentions")!, data: Float32Array.from(toNumbers(recorded.get("t0/attentions")!).slice(256, 512)) })).toBeLessThanOrEqual(1e-5);
  });

  it("goes without relevancy where an operator cannot be differentiated", async () => {
    const { job } = jobOf(8);
    const compile: Compile = (key, build) => {
      if (!key.endsWith("forward")) throw new WhylightError("gradientUndefined", { op: "Round", node: "" });
      return job.compile(key, build);
    };
    const found = await attend({ ...job, compile });
    expect([found.relevance, found.readers, found.target]).toEqual([undefined, undefined, undefined]);
    expect(furthest([...found.average!], recorded.get("t0/attention_mean")!)).toBeLessThanOrEqual(1e-5);
    expect(found.logits).toHaveLength(2);
    await expect(attend({ ...job, compile: () => { throw new WhylightError("outOfMemory"); } })).rejects.toMatchObject({ code: "outOfMemory" });
  });

  it("stops when it is cancelled", async () => {
    const { job } = jobOf(8);
    await expect(attend({ ...job, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
  });
});
