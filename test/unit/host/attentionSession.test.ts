/** @file An attention panel's session: what it shows while jobs run, fail, are cancelled or overtaken, and the weights it hands on. */
import { describe, expect, it, vi } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { createAttentionSession, type AttentionSubject, type AttentionWorld } from "../../../src/host/attentionSession.js";
import type { CallOptions } from "../../../src/host/workerClient.js";
import type { ImagePreview, PlainTensor } from "../../../src/protocol/api.js";
import type { AttentionRequest, AttentionState, AttentionSummary } from "../../../src/protocol/attention.js";

const text: AttentionSubject = { model: "/w/m.onnx", modelName: "m.onnx", inputName: "review.txt", input: { kind: "text", text: "so bad" }, target: "predicted" };
const image: AttentionSubject = { ...text, inputName: "cat.jpg", input: { kind: "image", path: "/w/cat.jpg" } };
const preview: ImagePreview = { bytes: new Uint8Array([1, 2, 3]), mime: "image/png", width: 640, height: 480 };

interface Call {
  readonly method: string;
  readonly args: unknown;
  readonly options: CallOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: WhylightError) => void;
}

/** A world whose worker answers when the test says so; like the real one, it rejects a cancelled call at once. */
function setUp(subject: AttentionSubject) {
  const calls: Call[] = [];
  const states: AttentionState[] = [];
  let stamp = "1";
  const call = (method: string, args: unknown, options: CallOptions = {}) =>
    new Promise<unknown>((resolve, reject) => {
      options.signal?.addEventListener("abort", () => reject(new WhylightError("cancelled")));
      calls.push({ method, args, options, resolve, reject });
    });
  const logFailure = vi.fn();
  const world: AttentionWorld = {
    call: call as AttentionWorld["call"], show: (state) => states.push(state), strings: {}, phaseText: (phase, estimate) => `phase ${phase}${estimate ? ` for ${estimate.ms?.[1]} ms` : ""}`, noteText: ({ code }) => `note ${code}`,
    describeFailure: (error) => ({ text: `failure ${error.code}`, actions: [] }), runtime: () => "auto", stamp: async () => stamp, logFailure,
  };
  const session = createAttentionSession(subject, world);
  const called = async (count: number) => {
    await vi.waitUntil(() => calls.length >= count);
    return calls[count - 1]!;
  };
  return { session, calls, states, called, logFailure, touch: () => (stamp += "1") };
}

/** A view on a larger buffer, as the process channel delivers it. */
const tensor = (...shape: number[]): PlainTensor => ({ shape, data: new Float32Array(1000).subarray(8, 8 + shape.reduce((a, b) => a * b, 1)) });

function summary(target = 0, change: Partial<AttentionSummary> = {}): AttentionSummary {
  const request: AttentionRequest = { model: "/w/m.onnx", input: text.input, target, runtime: "auto" };
  return {
    request, model: { path: "/w/m.onnx", format: "onnx", inputs: [], labels: undefined }, runtime: { name: "onnxruntime", detail: "", passedOver: [] }, task: "text-classification", tokens: [], layers: [],
    average: tensor(2, 2), rollout: tensor(2, 2), relevance: undefined, entropy: tensor(1, 2), distance: tensor(1, 2), thumbnails: { side: 2, heads: 2, values: new Uint8Array(1000).subarray(8, 16) }, links: [], agreement: undefined,
    target: { index: target, label: `class ${target}`, logit: 0, probability: 0.5 }, predictions: [], region: undefined, notes: [], ms: { load: 0, compile: 0, compute: 0, draw: 0 }, ...change,
  };
}

describe("attention session", () => {
  it("shows the start, each phase and the result with its remarks", async () => {
    const { session, states, called } = setUp(text);
    const done = session.refresh();
    const { method, args, options, resolve } = await called(1);
    expect([method, args]).toEqual(["attention", { model: "/w/m.onnx", input: text.input, target: "predicted", runtime: "auto" }]);
    options.onProgress?.({ phase: "computing", done: 1, total: 4 });
    options.onProgress?.({ phase: "computing", done: 1, total: 4, estimate: { ms: [20_000, 20_000], bytes: 1e9, free: 8e9, runtime: "onnxruntime" } });
    resolve(summary(0, { notes: [{ code: "textTruncated", data: {} }] }));
    await done;
    expect(states.map(({ busy }) => busy?.text)).toEqual(["phase starting", "phase computing", "phase computing for 20000 ms", undefined]);
    expect(states.at(-1)).toMatchObject({ inputName: "review.txt", summary: { target: { index: 0 } }, notes: [{ code: "textTruncated", text: "note textTruncated" }], image: undefined });
  });

  it("shows an image before anything is computed, and computes nothing over a bad one", async () => {
    const { session, states, called, calls } = setUp(image);
    const bad = session.refresh();
    (await called(1)).reject(new WhylightError("imageInvalid"));
    await bad;
    expect(session.state().failure?.code).toBe("imageInvalid");
    const good = session.refresh();
    (await called(2)).resolve(preview);
    const job = await called(3);
    expect(states.at(-1)?.image?.width).toBe(640);
    job.resolve(summary());
    await good;
    expect(calls.map(({ method }) => method)).toEqual(["previewImage", "previewImage", "attention"]);
  });

  it("copies arrays out of the larger buffers they arrived in", async () => {
    const { session, called } = setUp(text);
    const done = session.refresh();
    (await called(1)).resolve(summary());
    await done;
    const { average, rollout, entropy, distance, thumbnails } = session.state().summary!;
    expect([average, rollout, entropy, distance].map((one) => one?.data.buffer.byteLength)).toEqual([16, 16, 8, 8]);
    expect(thumbnails.values.buffer.byteLength).toBe(8);
    const layer = session.layer(3);
    const { method, args, resolve } = await called(2);
    expect([method, args]).toEqual(["attentionLayer", { request: summary().request, layer: 3 }]);
    resolve(tensor(1, 2, 2, 2));
    expect((await layer).data.buffer.byteLength).toBe(32);
  });

  it("has no weights before there is a result, and hands the worker's failures on", async () => {
    const { session, called } = setUp(text);
    await expect(session.layer(0)).rejects.toMatchObject({ code: "cancelled" });
    const done = session.refresh();
    (await called(1)).resolve(summary());
    await done;
    const layer = session.layer(9);
    (await called(2)).reject(new WhylightError("layerUnknown", { layer: 9 }));
    await expect(layer).rejects.toMatchObject({ code: "layerUnknown" });
    expect(session.state().failure).toBeUndefined();
  });

  it("weighs by another class, drops the job that is overtaken, and goes back without computing", async () => {
    const { session, called, calls } = setUp(text);
    const first = session.refresh();
    (await called(1)).resolve(summary(0));
    await first;
    const overtaken = session.setTarget(1);
    const old = await called(2);
    const second = session.setTarget(2);
    const young = await called(3);
    expect(old.options.signal?.aborted).toBe(true);
    old.resolve(summary(1));
    young.resolve(summary(2));
    await Promise.all([overtaken, second]);
    expect(session.state()).toMatchObject({ target: 2, summary: { target: { index: 2 } }, busy: undefined });
    // The predicted class by its index is the same class.
    for (const target of ["predicted", 0]) {
      await session.setTarget(target);
      expect(session.state()).toMatchObject({ target, summary: { target: { index: 0 } } });
    }
    expect(calls.length).toBe(3);
  });

  it("computes again when a file changed", async () => {
    const { session, called, calls, touch } = setUp(text);
    const first = session.refresh();
    (await called(1)).resolve(summary(0));
    await first;
    await session.refresh();
    expect(calls.length).toBe(1);
    touch();
    const second = session.refresh();
    (await called(2)).resolve(summary(1));
    await second;
    expect(session.state().summary?.target?.index).toBe(1);
  });

  it("keeps the last result beside a failure", async () => {
    const { session, called, logFailure } = setUp(text);
    const first = session.refresh();
    (await called(1)).resolve(summary(0));
    await first;
    const second = session.setTarget(7);
    (await called(2)).reject(new WhylightError("targetUnknown"));
    await second;
    expect(session.state()).toMatchObject({ summary: { target: { index: 0 } }, failure: { code: "targetUnknown", text: "failure targetUnknown" }, busy: undefined });
    expect(logFailure).toHaveBeenCalledOnce();
  });

  it("returns to what is shown when cancelled, and says so when nothing is", async () => {
    const { session, called } = setUp(text);
    const first = session.refresh();
    await called(1);
    session.cancel();
    await first;
    expect(session.state()).toMatchObject({ failure: { code: "cancelled" }, busy: undefined });
    const second = session.refresh();
    (await called(2)).resolve(summary(0));
    await second;
    const third = session.setTarget(4);
    await called(3);
    session.cancel();
    await third;
    expect(session.state()).toMatchObject({ target: "predicted", summary: { target: { index: 0 } }, failure: undefined, busy: undefined });
  });

  it("cancels the job and stays silent when its panel closes", async () => {
    const { session, states, called } = setUp(text);
    const done = session.refresh();
    const job = await called(1);
    const before = states.length;
    session.dispose();
    await done;
    expect(job.options.signal?.aborted).toBe(true);
    expect(states.length).toBe(before);
  });
});
