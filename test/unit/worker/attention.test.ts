/** @file Attention as the worker answers it: texts and images against the recordings, weights in memory and computed again, and every kind of bad input. */
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { writeSafetensors } from "../../../src/engine/importers/safetensors.js";
import { toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import type { AttentionRequest, AttentionSummary } from "../../../src/protocol/attention.js";
import type { Phase } from "../../../src/protocol/api.js";
import { createAttentionCache } from "../../../src/worker/attentionCache.js";
import { createJobs, type JobResources, type Jobs } from "../../../src/worker/jobs.js";
import { fixture, readArrays, relativeError } from "../readReference.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-attention-"));
const model = join(folder, "model.onnx");
const picture = join(folder, "picture.png");
const text = "the cat sat on the mat";
let recorded: Map<string, Tensor>;
const open: Jobs[] = [];

beforeAll(async () => {
  writeFileSync(picture, await sharp({ create: { width: 60, height: 40, channels: 3, background: "#8040c0" } }).png().toBuffer());
  cpSync(fixture("reference", "distilbert_tiny"), folder, { recursive: true });
  recorded = readArrays(join(folder, "reference.safetensors"));
});
afterEach(() => open.splice(0).forEach((jobs) => jobs.dispose()));
afterAll(() => rmSync(folder, { recursive: true }));

function jobsWith(resources: Partial<JobResources> = {}): Jobs {
  const jobs = createJobs(resources);
  open.push(jobs);
  return jobs;
}

function request(over: Partial<AttentionRequest> = {}): AttentionRequest {
  return { model, input: { kind: "text", text }, target: "predicted", runtime: "onnxruntime", ...over };
}

const furthest = (actual: ArrayLike<number>, expected: ArrayLike<number>) => Math.max(...Array.from(actual, (value, i) => Math.abs(value - expected[i]!)));

describe("the attention of a text", () => {
  it("is what PyTorch recorded, with the user's own tokens", async () => {
    const summary = await jobsWith().attention(request());
    expect(summary.task).toBe("text-classification");
    expect(summary.tokens.map(({ token }) => token)).toEqual(["[CLS]", "the", "cat", "sat", "on", "the", "mat", "[SEP]"]);
    expect(summary.tokens.map(({ start, end }) => text.slice(start, end))).toEqual(["", "the", "cat", "sat", "on", "the", "mat", ""]);
    expect(summary.tokens.map(({ special }) => special)).toEqual([true, false, false, false, false, false, false, true]);
    expect(summary.layers.map(({ windows, heads, queries, keys, grid }) => [windows, heads, queries, keys, grid])).toEqual([1, 2, 3].map(() => [1, 4, 8, 8, undefined]));
    expect(furthest(summary.average!.data, toNumbers(recorded.get("t0/attention_mean")!))).toBeLessThanOrEqual(1e-5);
    expect(relativeError(summary.rollout!.data, recorded.get("t0/rollout"))).toBeLessThanOrEqual(1e-3);
    expect(relativeError(summary.relevance!.data, recorded.get("t0/pred/relevancy_chefer"))).toBeLessThanOrEqual(1e-3);
    expect(summary.target).toMatchObject({ index: 1, label: "POSITIVE" });
    expect(summary.predictions).toHaveLength(2);
    expect(summary.notes).toEqual([]);
  });

  it("weighs by the gradient of the class asked for", async () => {
    const summary = await jobsWith().attention(request({ target: "negative" }));
    expect(summary.target?.index).toBe(0);
    expect(relativeError(summary.relevance!.data, recorded.get("t0/other/relevancy_chefer"))).toBeLessThanOrEqual(1e-3);
  });

  it("gives numbers and pictures of every head", async () => {
    const { entropy, distance, thumbnails, links } = await jobsWith().attention(request());
    const weights = recorded.get("t0/attentions")!;
    const [layers, heads, tokens] = weights.shape as [number, number, number];
    const values = toNumbers(weights);
    const of = (index: number, row: number, key: number) => values[(index * tokens + row) * tokens + key]!;
    for (let index = 0; index < layers * heads; index++) {
      let [spread, apart] = [0, 0];
      for (let row = 0; row < tokens; row++) for (let key = 0; key < tokens; key++) {
        spread -= (of(index, row, key) * Math.log(of(index, row, key))) / tokens;
        apart += (of(index, row, key) * Math.abs(row - key)) / tokens;
      }
      expect(entropy.data[index]).toBeCloseTo(spread, 4);
      expect(distance.data[index]).toBeCloseTo(apart, 4);
    }
    expect([entropy.shape, distance.shape]).toEqual([[layers, heads], [layers, heads]]);
    expect([thumbnails.side, thumbnails.heads, thumbnails.values.length]).toEqual([tokens, heads, layers * heads * tokens * tokens]);
    const peak = Math.max(...values.slice(0, tokens * tokens));
    for (let i = 0; i < tokens * tokens; i++) expect(Math.abs(thumbnails.values[i]! - (255 * values[i]!) / peak)).toBeLessThanOrEqual(0.51);
    const mean = toNumbers(recorded.get("t0/attention_mean")!);
    for (const { from, to, weight } of links) {
      const others = Array.from({ length: tokens }, (_, key) => key).filter((key) => key !== from);
      expect(weight).toBeCloseTo(Math.max(...others.map((key) => mean[from * tokens + key]!)), 5);
      expect(mean[from * tokens + to]).toBeCloseTo(weight, 5);
    }
    expect(links.map(({ from }) => from)).toEqual(Array.from({ length: tokens }, (_, i) => i));
  });

  it("is held against the gradient times the embedding of the user's own words", async () => {
    const { agreement } = await jobsWith().attention(request());
    const mean = toNumbers(recorded.get("t0/attention_mean")!);
    const words = [1, 2, 3, 4, 5, 6];
    const received = words.map((key) => [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, query) => sum + mean[query * 8 + key]!, 0));
    const strength = toNumbers(recorded.get("t0/pred/gradient_x_input/embedding_output")!).slice(1, 7).map(Math.abs);
    // Spearman's formula for values that all differ.
    const ranks = (values: readonly number[]) => values.map((value) => values.filter((other) => other < value).length + 1);
    expect(new Set([...received, ...strength]).size).toBe(12);
    const gaps = ranks(received).map((rank, i) => (rank - ranks(strength)[i]!) ** 2);
    expect(agreement!.correlation).toBeCloseTo(1 - (6 * gaps.reduce((a, b) => a + b, 0)) / (6 * 35), 10);
    expect([agreement!.tokens, agreement!.method]).toEqual([6, "input-x-gradient"]);
  });

  it("hands out layers from memory, and computes them again when they were given up", async () => {
    const weights = recorded.get("t0/attentions")!;
    for (const [attention, isKept] of [[createAttentionCache(), true], [createAttentionCache(2, 0), false]] as const) {
      const jobs = jobsWith({ attention });
      const phases: Phase[] = [];
      await jobs.attention(request());
      for (const layer of [0, 1, 2]) {
        const found = await jobs.attentionLayer({ request: request({ target: 0 }), layer }, { onProgress: (phase) => phases.push(phase) });
        expect(found.shape).toEqual([1, 4, 8, 8]);
        expect(furthest(found.data, toNumbers(weights).slice(layer * 256, (layer + 1) * 256))).toBeLessThanOrEqual(1e-5);
      }
      expect(phases.includes("computing")).toBe(!isKept);
    }
  });

  it("forgets weights when the model changes", async () => {
    const copy = join(folder, "copy.onnx");
    copyFileSync(model, copy);
    const jobs = jobsWith();
    await jobs.attention(request({ model: copy }));
    const phases: Phase[] = [];
    const onProgress = (phase: Phase) => void phases.push(phase);
    await jobs.attentionLayer({ request: request({ model: copy }), layer: 0 }, { onProgress });
    expect(phases).toEqual([]);
    utimesSync(copy, new Date(1e12), new Date(1e12));
    await jobs.attentionLayer({ request: request({ model: copy }), layer: 0 }, { onProgress });
    expect(phases).toContain("computing");
  });

  it("can be cancelled, and tells how far it is", async () => {
    const jobs = jobsWith();
    const seen: [Phase, number, number][] = [];
    await jobs.attention(request(), { onProgress: (phase, done, total) => void seen.push([phase, done, total]) });
    expect(seen.filter(([phase, done]) => phase === "computing" && done > 0)).toEqual([1, 2, 3].map((done) => ["computing", done, 3]));
    const controller = new AbortController();
    const running = jobs.attention(request({ input: { kind: "text", text: "another" } }), { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("texts that are longer or in two parts", () => {
  it("reads the beginning that the model takes, and says so", async () => {
    const summary = await jobsWith().attention(request({ input: { kind: "text", text: `cat ${"sat on the mat the dog ".repeat(30)}` } }));
    const [note] = summary.notes;
    expect(summary.tokens.slice(0, 3).map(({ token }) => token)).toEqual(["[CLS]", "cat", "sat"]);
    expect(note).toMatchObject({ code: "textEndUnread", data: { tokens: 183, kept: summary.tokens.length, longest: summary.tokens.length } });
    expect(summary.average!.shape).toEqual([summary.tokens.length, summary.tokens.length]);
    expect(summary.tokens.length).toBeLessThan(183);
  });

  it("keeps the two texts of a pair apart", async () => {
    const { tokens, average } = await jobsWith().attention(request({ input: { kind: "text", text: "the cat sat", pair: "on the mat" } }));
    expect(tokens.filter(({ special }) => !special).map(({ part, token }) => `${part} ${token}`)).toEqual(["0 the", "0 cat", "0 sat", "1 on", "1 the", "1 mat"]);
    expect(average!.shape[0]).toBe(tokens.length);
  });
});

describe("the attention of an image", () => {
  const vision = fixture("reference", "vit_tiny", "model.onnx");
  const images = () => readArrays(fixture("reference", "vit_tiny", "reference.safetensors"));

  function tensorFile(name: string, value: Tensor, input: string): string {
    const path = join(folder, name);
    writeFileSync(path, writeSafetensors({ [input]: value }));
    return path;
  }

  const ofFixture = (name: string): Promise<AttentionSummary> => jobsWith().attention({
    model: fixture("attention", `${name}.onnx`), input: { kind: "image", path: tensorFile(`${name}.safetensors`, readArrays(fixture("attention", `${name}.safetensors`)).get("x")!, "pixel_values") }, target: "predicted", runtime: "onnxruntime",
  });

  it("has a class token and patches by row and column", async () => {
    const arrays = images();
    const path = tensorFile("vit.safetensors", arrays.get("x0")!, "pixel_values");
    const summary = await jobsWith().attention({ model: vision, input: { kind: "image", path }, target: "predicted", runtime: "onnxruntime" });
    expect(summary.tokens.map(({ token }) => token)).toEqual(["[CLS]", ...[1, 2, 3, 4].flatMap((row) => [1, 2, 3, 4].map((column) => `${row},${column}`))]);
    expect(summary.layers.map(({ prefix, grid }) => [prefix, grid])).toEqual([1, 2, 3].map(() => [1, [4, 4]]));
    expect(relativeError(summary.rollout!.data, arrays.get("x0/rollout"))).toBeLessThanOrEqual(1e-3);
    expect(relativeError(summary.relevance!.data, arrays.get("x0/pred/relevancy_chefer"))).toBeLessThanOrEqual(1e-3);
    expect(summary.agreement).toMatchObject({ tokens: 16 });
    expect(Math.abs(summary.agreement!.correlation!)).toBeLessThanOrEqual(1);
    expect(summary.region).toBeUndefined();
    // Half of the attention goes to patches at least one step away; none is further than the corner.
    for (const distance of summary.distance.data) expect(distance).toBeGreaterThan(0);
    for (const distance of summary.distance.data) expect(distance).toBeLessThan(3 * Math.SQRT2);
  });

  it("tells where a picture was looked at", async () => {
    const summary = await jobsWith().attention({ model: vision, input: { kind: "image", path: picture }, target: 3, runtime: "onnxruntime" });
    // The recording's preprocessing is not beside this model, so the defaults cut a square out of the middle.
    const { x, y, width, height } = summary.region!;
    expect(width).toBeCloseTo(height, 0);
    expect(Math.hypot(x + width / 2 - 30, y + height / 2 - 20)).toBeLessThan(2);
    expect(summary.target).toMatchObject({ index: 3 });
  });

  it("names distillation and register tokens by what reads them", async () => {
    expect((await ofFixture("deit-distilled")).tokens.slice(0, 3).map(({ token }) => token)).toEqual(["[CLS]", "[DIST]", "1,1"]);
    expect((await ofFixture("registers")).tokens.slice(0, 6).map(({ token }) => token)).toEqual(["[CLS]", "[REG1]", "[REG2]", "[REG3]", "[REG4]", "1,1"]);
    expect((await ofFixture("no-class-token")).tokens[0]!.token).toBe("1,1");
    expect((await ofFixture("wide")).tokens.at(-1)!.token).toBe("4,6");
  });

  it("lists windows per layer, and puts nothing together that does not belong together", async () => {
    const summary = await ofFixture("swin");
    expect(summary.layers.map(({ windows, grid, windowGrid, windowShift, imageGrid }) => [windows, grid, windowGrid, windowShift, imageGrid])).toEqual([
      [12, [4, 4], [4, 3], [0, 0], [16, 12]], [12, [4, 4], [4, 3], [2, 2], [16, 12]], [4, [4, 4], [2, 2], [0, 0], [8, 6]], [4, [4, 4], [2, 2], [2, 2], [8, 6]],
    ]);
    expect([summary.average, summary.rollout, summary.relevance, summary.agreement, summary.target]).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect([summary.tokens, summary.links, summary.predictions.length]).toEqual([[], [], 3]);
    // Two heads in the first stage, four in the second.
    expect([...summary.entropy.data].map(Number.isNaN)).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0].map(Boolean));
    // Nobody in a window of 4 x 4 looks further than its corner, across the border of the image included.
    for (const distance of summary.distance.data) expect(Number.isNaN(distance) || distance < 3 * Math.SQRT2).toBe(true);
  });

  it("leaves layers out whose keys are no queries", async () => {
    const summary = await ofFixture("pvt");
    expect(summary.layers.map(({ queries, keys, grid, prefix }) => [queries, keys, grid, prefix])).toEqual([[64, 16, undefined, 0], [17, 17, [4, 4], 1]]);
    expect(summary.average!.shape).toEqual([17, 17]);
    expect(Number.isNaN(summary.distance.data[0])).toBe(true);
  });
});

describe("models of other kinds", () => {
  const recordedModels = fixture("text", "models");

  it("counts attention layers in the summary of a model", async () => {
    const jobs = jobsWith();
    expect((await jobs.inspectModel(model)).attentionLayers).toBe(3);
    expect((await jobs.inspectModel(fixture("attention", "swin.onnx"))).attentionLayers).toBe(4);
    expect((await jobs.inspectModel(fixture("cnn", "model.onnx"))).attentionLayers).toBe(0);
    expect((await jobs.inspectModel(join(recordedModels, "bert_encoder.onnx"))).attentionLayers).toBe(2);
  });

  it("finds the attention of every architecture, as both exporters write it", async () => {
    const jobs = jobsWith();
    const files = readdirSync(recordedModels).filter((file) => file.endsWith(".onnx"));
    expect(files.length).toBeGreaterThanOrEqual(24);
    const counts: [string, number][] = [];
    for (const file of files) counts.push([file, (await jobs.inspectModel(join(recordedModels, file))).attentionLayers]);
    expect(counts).toEqual(files.map((file) => [file, 2]));
  });

  /** A model of random weights beside the tokenizer of another one, whose first 60 ids it takes. */
  function withTokenizer(name: string): string {
    const place = mkdtempSync(join(folder, "other-"));
    const path = join(place, `${name}.onnx`);
    copyFileSync(join(recordedModels, `${name}.onnx`), path);
    const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ..."the cat sat on a mat and dog ran".split(" "), ...Array.from({ length: 46 }, (_, i) => `word${i}`)];
    writeFileSync(join(place, "vocab.txt"), `${words.join("\n")}\n`);
    return path;
  }

  it("looks at encoders, which give no scores", async () => {
    const summary = await jobsWith().attention(request({ model: withTokenizer("bert_encoder") }));
    expect(summary.task).toBe("text-encoder");
    expect([summary.relevance, summary.agreement, summary.target, summary.predictions]).toEqual([undefined, undefined, undefined, []]);
    expect(summary.average!.shape).toEqual([8, 8]);
    expect(summary.layers).toHaveLength(2);
  });

  it("shows that models which continue a text look back only", async () => {
    const jobs = jobsWith();
    const asked = request({ model: withTokenizer("gpt2") });
    const summary = await jobs.attention(asked);
    expect(summary.task).toBe("next-token");
    const tokens = summary.tokens.length;
    const { data } = await jobs.attentionLayer({ request: asked, layer: 0 });
    for (let head = 0; head < 2; head++) for (let row = 0; row < tokens; row++) for (let key = row + 1; key < tokens; key++) expect(data[(head * tokens + row) * tokens + key]).toBe(0);
    expect(summary.relevance).toBeDefined();
    expect(summary.target!.index).toBe(summary.predictions[0]!.index);
  });
});

describe("bad input", () => {
  it("is one clear failure", async () => {
    const jobs = jobsWith();
    const failure = (over: Partial<AttentionRequest>) => jobs.attention(request(over));
    await expect(failure({ model: fixture("cnn", "model.onnx"), input: { kind: "image", path: fixture("cnn", "input0.png") } })).rejects.toMatchObject({ code: "attentionMissing", data: { path: fixture("cnn", "model.onnx") } });
    await expect(failure({ input: { kind: "text", text: "" } })).rejects.toMatchObject({ code: "textInvalid" });
    await expect(failure({ input: { kind: "image", path: picture } })).rejects.toMatchObject({ code: "modelUnsuitable" });
    await expect(failure({ target: "neutral" })).rejects.toMatchObject({ code: "targetUnknown" });
    await expect(failure({ model: fixture("reference", "vit_tiny", "model.onnx") })).rejects.toMatchObject({ code: "modelUnsuitable" });
    await expect(jobs.attentionLayer({ request: request(), layer: 3 })).rejects.toMatchObject({ code: "layerUnknown", data: { layer: "3", suggestion: "2" } });
  });
});

describe("the cache of weights", () => {
  const weights = (size: number) => ({ shape: [size], data: new Float32Array(size) });

  it("keeps two inputs, the latest", () => {
    const cache = createAttentionCache(2, 1000);
    for (const key of ["a", "b", "c"]) cache.begin(key)(0, weights(10));
    expect(["a", "b", "c"].map((key) => cache.get(key, 0) !== undefined)).toEqual([false, true, true]);
  });

  it("gives up older inputs for bytes, and keeps what fits of the newest", () => {
    const cache = createAttentionCache(3, 100);
    cache.begin("a")(0, weights(20));
    const keep = cache.begin("b");
    [0, 1, 2].forEach((layer) => keep(layer, weights(10)));
    expect(cache.get("a", 0)).toBeUndefined();
    expect([0, 1, 2].map((layer) => cache.get("b", layer) !== undefined)).toEqual([true, true, false]);
    // Starting over frees what was there.
    cache.begin("b")(0, weights(25));
    expect(cache.get("b", 0)?.data.length).toBe(25);
  });
});
