/** @file A comparison's session: its tiles one after the other, whatever fails, is stopped, added or taken away meanwhile. */
import { describe, expect, it, vi } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { createComparisonSession, type ComparisonWorld } from "../../../src/host/comparisonSession.js";
import type { CallOptions } from "../../../src/host/workerClient.js";
import type { ExplainRequest, Explanation, ImagePreview } from "../../../src/protocol/api.js";
import { readComparisonMemento, tileRequest, tileRequests, type ComparisonKind, type ComparisonState, type ComparisonTile } from "../../../src/protocol/comparison.js";
import { explanation } from "../../e2e/webviewHarness/syntheticState.js";

const compared = { target: "predicted", versus: undefined, score: "logit", layer: undefined } as const;
const preview: ImagePreview = { bytes: new Uint8Array([1, 2, 3]), mime: "image/png", width: 640, height: 480 };

interface Call {
  readonly args: ExplainRequest;
  readonly options: CallOptions;
  readonly resolve: (value: Explanation) => void;
  readonly reject: (error: WhylightError) => void;
}

/** A world whose worker explains when the test says so; like the real one, it rejects a cancelled call at once. */
function setUp(ids: readonly string[] = ["grad-cam", "saliency", "input-x-gradient"], kind: ComparisonKind = "methods") {
  const calls: Call[] = [];
  const states: ComparisonState[] = [];
  const shownTiles: ComparisonTile[] = [];
  let stamp = "1";
  let previewFailure: WhylightError | undefined;
  const call = (method: string, args: unknown, options: CallOptions = {}) =>
    new Promise<unknown>((resolve, reject) => {
      if (method === "methods") return resolve([]);
      if (method === "previewImage") return previewFailure ? reject(previewFailure) : resolve(preview);
      options.signal?.addEventListener("abort", () => reject(new WhylightError("cancelled")));
      return calls.push({ args: args as ExplainRequest, options, resolve, reject });
    });
  const logFailure = vi.fn();
  const world: ComparisonWorld = {
    call: call as ComparisonWorld["call"], show: (state) => states.push(state), showTile: (tile) => shownTiles.push(tile), strings: {}, phaseText: (phase) => `phase ${phase}`,
    noteText: ({ code }) => `note ${code}`, describeFailure: (error) => ({ text: `failure ${error.code}`, actions: [] }), runtime: () => "auto", stamp: async () => stamp, logFailure,
    translate: (text) => `<${text}>`,
  };
  const session = createComparisonSession({ image: "/w/cat.jpg", model: "/w/net.onnx", imageName: "cat.jpg", modelName: "net.onnx", kind, ids, compared }, world);
  const called = async (count: number) => {
    await vi.waitUntil(() => calls.length >= count);
    return calls[count - 1]!;
  };
  return { session, calls, states, shownTiles, called, logFailure, touch: () => (stamp += "1"), breakPreview: (error: WhylightError | undefined) => (previewFailure = error) };
}

const statuses = (state: ComparisonState) => state.tiles.map(({ id, status }) => `${id} ${status}`);

describe("tiles", () => {
  it("name what is asked of the worker, and refuse what is none", () => {
    expect(tileRequest("methods", "grad-cam")).toEqual({ id: "grad-cam", method: "grad-cam", parameters: {} });
    expect(tileRequest("methods", "magic")).toBeUndefined();
    expect(tileRequest("samples", "25")).toEqual({ id: "25", method: "smoothgrad", parameters: { samples: 25, seed: 0 } });
    for (const id of ["0", "-1", "2.5", "many", "1e9"]) expect(tileRequest("samples", id)).toBeUndefined();
    expect(tileRequests("methods", ["saliency", "magic", "saliency"]).map(({ id }) => id)).toEqual(["saliency"]);
  });

  it("come back out of what a page stored, checked", () => {
    const stored = { image: "file:///a.png", model: "file:///m.onnx", kind: "samples", ids: ["10", "x"], compared: { target: 3, score: "logit" }, view: {} };
    expect(readComparisonMemento(stored)).toEqual({ image: "file:///a.png", model: "file:///m.onnx", kind: "samples", ids: ["10"], compared: { target: 3, versus: undefined, score: "logit", layer: undefined } });
    for (const broken of [undefined, 1, {}, { ...stored, kind: "cars" }, { ...stored, compared: { target: {} } }, { ...stored, ids: "10" }]) expect(readComparisonMemento(broken)).toBeUndefined();
  });
});

describe("comparison session", () => {
  it("computes one tile after the other and shows each as it comes", async () => {
    const { session, calls, called, shownTiles, states } = setUp();
    const done = session.start();
    const first = await called(1);
    expect(first.args).toMatchObject({ model: "/w/net.onnx", input: "/w/cat.jpg", method: "grad-cam", target: "predicted", runtime: "auto" });
    expect(statuses(session.state())).toEqual(["grad-cam running", "saliency waiting", "input-x-gradient waiting"]);
    expect(calls.length).toBe(1);
    first.resolve(explanation("grad-cam", 0));
    (await called(2)).resolve(explanation("saliency", 0));
    expect(statuses(session.state())).toEqual(["grad-cam done", "saliency running", "input-x-gradient waiting"]);
    (await called(3)).resolve(explanation("input-x-gradient", 0));
    await done;
    expect(statuses(session.state())).toEqual(["grad-cam done", "saliency done", "input-x-gradient done"]);
    expect(shownTiles.filter(({ status }) => status === "done").map(({ explanation: made }) => made?.method)).toEqual(["grad-cam", "saliency", "input-x-gradient"]);
    expect(states.at(-1)?.image?.width).toBe(640);
    expect(session.state().tiles[0]?.facts).toEqual({ guarantee: "<None>", use: expect.stringMatching(/^<.+>$/) as string });
  });

  it("shows maps so far, with arrays of their own", async () => {
    const { session, called, shownTiles } = setUp(["saliency"]);
    const done = session.start();
    const job = await called(1);
    const large = new Float32Array(1000);
    const partial = explanation("saliency", 0, { partial: { done: 3, total: 10 }, attribution: { shape: [1, 1, 2, 2], data: large.subarray(4, 8) } });
    job.options.onProgress?.({ phase: "computing", done: 3, total: 10, partial });
    expect(shownTiles.at(-1)).toMatchObject({ status: "running", busy: { done: 3, total: 10, text: "phase computing" }, explanation: { partial: { done: 3 } } });
    expect(shownTiles.at(-1)?.explanation?.attribution.data.buffer.byteLength).toBe(16);
    job.resolve(explanation("saliency", 0));
    await done;
    expect(session.state().tiles[0]).toMatchObject({ status: "done", busy: undefined });
  });

  it("says in its tile what failed, goes on with the others, and tries again when asked", async () => {
    const { session, called, logFailure } = setUp();
    const done = session.start();
    (await called(1)).reject(new WhylightError("layerUnsuitable"));
    (await called(2)).resolve(explanation("saliency", 0));
    (await called(3)).resolve(explanation("input-x-gradient", 0));
    await done;
    expect(statuses(session.state())).toEqual(["grad-cam failed", "saliency done", "input-x-gradient done"]);
    expect(session.state().tiles[0]?.failure).toEqual({ code: "layerUnsuitable", text: "failure layerUnsuitable" });
    expect(session.state().failure).toBeUndefined();
    expect(logFailure).toHaveBeenCalledOnce();
    const again = session.start();
    (await called(4)).resolve(explanation("grad-cam", 0));
    await again;
    expect(statuses(session.state())).toEqual(["grad-cam done", "saliency done", "input-x-gradient done"]);
  });

  it("says once what no tile can do without, and stops there", async () => {
    const { session, calls, called } = setUp();
    const done = session.start();
    (await called(1)).reject(new WhylightError("modelCorrupt"));
    await done;
    expect(calls.length).toBe(1);
    expect(session.state()).toMatchObject({ failure: { code: "modelCorrupt" }, image: { width: 640 } });
    expect(statuses(session.state())).toEqual(["grad-cam waiting", "saliency waiting", "input-x-gradient waiting"]);
    const again = session.start();
    await called(2);
    expect(session.state().failure).toBeUndefined();
    session.dispose();
    await again;
  });

  it("explains nothing over an image that cannot be read", async () => {
    const { session, calls, called, breakPreview } = setUp();
    breakPreview(new WhylightError("imageInvalid"));
    await session.start();
    expect([session.state().failure?.code, calls.length]).toEqual(["imageInvalid", 0]);
    breakPreview(undefined);
    const again = session.start();
    await called(1);
    session.dispose();
    await again;
  });

  it("stops on demand, keeps what is there, and goes on later", async () => {
    const { session, calls, called } = setUp();
    const done = session.start();
    (await called(1)).resolve(explanation("grad-cam", 0));
    const second = await called(2);
    session.cancel();
    expect(second.options.signal?.aborted).toBe(true);
    await done;
    expect(statuses(session.state())).toEqual(["grad-cam done", "saliency stopped", "input-x-gradient stopped"]);
    // What still arrives of the old job changes nothing.
    second.options.onProgress?.({ phase: "computing", done: 9, total: 10 });
    second.resolve(explanation("saliency", 0));
    expect(session.state().tiles[1]).toMatchObject({ status: "stopped", explanation: undefined, busy: undefined });
    const again = session.start();
    expect((await called(3)).args.method).toBe("saliency");
    expect(calls.length).toBe(3);
    session.dispose();
    await again;
  });

  it("computes only tiles that were added, and stops one that was taken away", async () => {
    const { session, calls, called } = setUp(["grad-cam", "saliency"]);
    const done = session.start();
    (await called(1)).resolve(explanation("grad-cam", 0));
    const second = await called(2);
    const changed = session.setTiles(["input-x-gradient", "grad-cam"]);
    expect(second.options.signal?.aborted).toBe(true);
    const third = await called(3);
    expect(third.args.method).toBe("input-x-gradient");
    third.resolve(explanation("input-x-gradient", 0));
    await Promise.all([done, changed]);
    expect(statuses(session.state())).toEqual(["input-x-gradient done", "grad-cam done"]);
    expect(calls.length).toBe(3);
  });

  it("goes on with the running tile when another is added", async () => {
    const { session, called } = setUp(["grad-cam"]);
    const done = session.start();
    const first = await called(1);
    void session.setTiles(["grad-cam", "saliency"]);
    expect(first.options.signal?.aborted).toBe(false);
    first.resolve(explanation("grad-cam", 0));
    (await called(2)).resolve(explanation("saliency", 0));
    await done;
    expect(statuses(session.state())).toEqual(["grad-cam done", "saliency done"]);
  });

  it("computes all again when a file changed, and nothing when none did", async () => {
    const { session, calls, called, touch } = setUp(["grad-cam"]);
    const done = session.start();
    (await called(1)).resolve(explanation("grad-cam", 0));
    await done;
    await session.start();
    expect(calls.length).toBe(1);
    touch();
    const again = session.start();
    (await called(2)).resolve(explanation("grad-cam", 1));
    await again;
    expect(session.state().tiles[0]?.explanation?.target.index).toBe(1);
  });

  it("explains another class in every tile, and no map of the old one stays", async () => {
    const { session, called } = setUp(["grad-cam", "saliency"]);
    const done = session.start();
    (await called(1)).resolve(explanation("grad-cam", 0));
    const old = await called(2);
    const changed = session.setCompared({ ...compared, target: 2 });
    expect(old.options.signal?.aborted).toBe(true);
    const next = await called(3);
    expect(next.args).toMatchObject({ method: "grad-cam", target: 2 });
    expect(session.state().tiles.every(({ explanation: made }) => made === undefined)).toBe(true);
    next.resolve(explanation("grad-cam", 2));
    (await called(4)).resolve(explanation("saliency", 2));
    await Promise.all([done, changed]);
    expect(session.state().tiles.map(({ explanation: made }) => made?.target.index)).toEqual([2, 2]);
  });

  it("cancels its job and says no more when its panel closes", async () => {
    const { session, called, states, shownTiles } = setUp();
    const done = session.start();
    const job = await called(1);
    const before = [states.length, shownTiles.length];
    session.dispose();
    await done;
    expect(job.options.signal?.aborted).toBe(true);
    expect([states.length, shownTiles.length]).toEqual(before);
  });
});
