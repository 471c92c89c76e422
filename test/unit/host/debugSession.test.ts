/** @file A misclassification report's session: what it shows while the report is made, fails, is cancelled or held against other labels, and the pictures of near files. */
import { describe, expect, it, vi } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { readDebugArguments } from "../../../src/host/debug/debugArguments.js";
import { createDebugSession, neighbourSide, type DebugSubject, type DebugWorld } from "../../../src/host/debug/debugSession.js";
import type { ImagePreview } from "../../../src/protocol/api.js";
import type { DebugReport, DebugRequest, DebugState } from "../../../src/protocol/debug.js";
import { readDebugMemento } from "../../../src/protocol/debugMemento.js";
import { explanation } from "../../e2e/webviewHarness/syntheticState.js";
import { fakeCalls } from "./fakeCalls.js";

const subject: DebugSubject = {
  image: "/w/umbrella/01.jpg", model: "/w/net.onnx", imageName: "01.jpg", modelName: "net.onnx", label: 1, labelFrom: "folder", expected: undefined, among: "/w/audit",
};
/** A view on a larger buffer, as the process channel delivers it. */
const preview: ImagePreview = { bytes: new Uint8Array(1000).subarray(8, 11), mime: "image/png", width: 640, height: 480 };

/** As much of a report as the session looks at. */
function report(change: Partial<DebugReport> = {}): DebugReport {
  const map = { ...explanation("grad-cam", 0), heatmap: { shape: [1, 2], data: new Float32Array(1000).subarray(4, 6) } };
  return {
    maps: [{ id: "grad-cam/predicted", of: "predicted", explanation: map, ends: [0, 1], isSigned: false }], attention: [],
    notes: [{ code: "blankMap", data: {} }], neighbours: undefined, ...change,
  } as unknown as DebugReport;
}

function setUp(lost: readonly string[] = []) {
  const states: DebugState[] = [];
  const neighbours: string[] = [];
  const previewed: unknown[] = [];
  let stamp = "1";
  const { call, calls, called } = fakeCalls({
    inspectModel: () => ({ labels: ["mug", "umbrella", "house"] }),
    previewImage: (args: { path: string }) => {
      previewed.push(args);
      if (lost.includes(args.path)) throw new WhylightError("inputNotFound", { path: args.path });
      return preview;
    },
  });
  const logFailure = vi.fn();
  const world: DebugWorld = {
    call, show: (state) => states.push(state), showNeighbour: (file) => neighbours.push(file), strings: {}, phaseText: (phase, estimate) => `phase ${phase}${estimate ? ` for ${estimate.ms?.[1]} ms` : ""}`, noteText: ({ code }) => `note ${code}`,
    describeFailure: (error) => ({ text: `failure ${error.code}`, actions: [] }), runtime: () => "auto", stamp: async () => stamp, logFailure,
  };
  const session = createDebugSession(subject, world);
  return { session, calls, called, states, neighbours, previewed, logFailure, touch: () => (stamp += "1") };
}

describe("what opens a report", () => {
  it("comes back out of what a page stored, checked", () => {
    const stored = { image: "file:///a.png", model: "file:///m.onnx", label: 3, labelFrom: "folder", expected: "mug", among: "file:///audit", view: {} };
    expect(readDebugMemento(stored)).toEqual({ image: "file:///a.png", model: "file:///m.onnx", label: 3, labelFrom: "folder", expected: "mug", among: "file:///audit" });
    expect(readDebugMemento({ ...stored, labelFrom: "a dream", expected: null, among: 7 })).toMatchObject({ labelFrom: "given", expected: undefined, among: undefined });
    for (const broken of [undefined, null, 1, {}, { ...stored, label: -1 }, { ...stored, label: 1.5 }, { ...stored, model: 3 }]) expect(readDebugMemento(broken)).toBeUndefined();
  });

  it("comes from a link whole, or not at all", () => {
    const link = { image: "/a b/100%.png", model: "/m.onnx", label: 0, labelFrom: "labels file", among: "/audit" };
    expect(readDebugArguments(link)).toEqual(link);
    for (const broken of [undefined, { path: "/a.png" }, { ...link, label: "mug" }, { ...link, label: -1 }, { ...link, among: undefined }]) expect(readDebugArguments(broken)).toBeUndefined();
  });
});

describe("debug session", () => {
  it("shows the image and the labels before the report, and the report with arrays of its own", async () => {
    const { session, states, called } = setUp();
    const done = session.refresh();
    const { method, args, options, resolve } = await called(1);
    expect(method).toBe("debugImage");
    expect(args).toEqual<DebugRequest>({ model: "/w/net.onnx", input: "/w/umbrella/01.jpg", label: 1, labelFrom: "folder", expected: undefined, among: "/w/audit", runtime: "auto" });
    expect(states[0]).toMatchObject({ busy: { text: "phase starting" }, image: undefined, labels: [] });
    expect(states.at(-1)).toMatchObject({ labels: ["mug", "umbrella", "house"], report: undefined });
    expect(states.at(-1)?.image?.bytes.buffer.byteLength).toBe(3);
    options.onProgress?.({ phase: "computing", done: 2, total: 9 });
    expect(states.at(-1)?.busy).toEqual({ phase: "computing", done: 2, total: 9, text: "phase computing" });
    options.onProgress?.({ phase: "computing", done: 2, total: 9, estimate: { ms: [20_000, 20_000], bytes: 1e9, free: 8e9, runtime: "onnxruntime" } });
    options.onProgress?.({ phase: "computing", done: 9, total: 9 });
    expect(session.state().busy?.text).toBe("phase computing for 20000 ms");
    resolve(report());
    await done;
    expect(states.at(-1)).toMatchObject({ busy: undefined, failure: undefined, notes: [{ code: "blankMap", text: "note blankMap" }] });
    expect(states.at(-1)?.report?.maps[0]?.explanation.heatmap.data.buffer.byteLength).toBe(8);
  });

  it("is not made again while nothing changed, and is when a file did", async () => {
    const { session, calls, called, touch } = setUp();
    const done = session.refresh();
    (await called(1)).resolve(report());
    await done;
    await session.refresh();
    expect(calls.length).toBe(1);
    touch();
    void session.refresh();
    expect((await called(2)).args).toMatchObject({ label: 1 });
  });

  it("is held against other labels, and goes back to the ones shown when that is cancelled", async () => {
    const { session, called } = setUp();
    const done = session.refresh();
    (await called(1)).resolve(report());
    await done;
    const again = session.relabel({ label: 2, labelFrom: "given", expected: 0 });
    expect((await called(2)).args).toMatchObject({ label: 2, labelFrom: "given", expected: 0 });
    expect(session.judged()).toEqual({ label: "house", labelFrom: "given", expected: "mug" });
    session.cancel();
    await again;
    expect(session.state()).toMatchObject({ busy: undefined, failure: undefined });
    expect(session.judged()).toEqual({ label: "umbrella", labelFrom: "folder", expected: undefined });
  });

  it("says so when it is cancelled before there is a report, and when it fails", async () => {
    const { session, called, logFailure } = setUp();
    const done = session.refresh();
    await called(1);
    session.cancel();
    await done;
    expect(session.state().failure).toEqual({ code: "cancelled", text: "failure cancelled", actions: [] });
    expect(logFailure).not.toHaveBeenCalled();
    const again = session.refresh();
    (await called(2)).reject(new WhylightError("targetUnknown"));
    await again;
    expect(session.state()).toMatchObject({ failure: { code: "targetUnknown" }, busy: undefined, labels: ["mug", "umbrella", "house"] });
    expect(logFailure).toHaveBeenCalledOnce();
  });

  it("lets the last question win", async () => {
    const { session, called } = setUp();
    const first = session.refresh();
    const overtaken = await called(1);
    const second = session.relabel({ label: 2, labelFrom: "given", expected: undefined });
    (await called(2)).resolve(report({ input: "second" }));
    overtaken.resolve(report({ input: "first" }));
    await Promise.all([first, second]);
    expect(session.state().report?.input).toBe("second");
  });

  it("shows small pictures of the near files that are there, again for a page that is new", async () => {
    const { session, called, neighbours, previewed } = setUp(["/w/shots/mug/gone.jpg"]);
    const near = (file: string) => ({ file, label: 0, similarity: 0.9, isDuplicate: false });
    const done = session.refresh();
    (await called(1)).resolve(report({ neighbours: { folder: "/w/shots", searched: 9, found: [near("mug/1.jpg"), near("mug/gone.jpg"), near("mug/2.jpg")] } }));
    await done;
    await vi.waitUntil(() => neighbours.length === 2);
    expect(neighbours).toEqual(["mug/1.jpg", "mug/2.jpg"]);
    expect(previewed.at(-1)).toEqual({ path: "/w/shots/mug/2.jpg", maxSide: neighbourSide });
    session.showNeighbours();
    expect(neighbours).toEqual(["mug/1.jpg", "mug/2.jpg", "mug/1.jpg", "mug/2.jpg"]);
  });

  it("says nothing after its end", async () => {
    const { session, states, called } = setUp();
    const done = session.refresh();
    const { resolve } = await called(1);
    const before = states.length;
    session.dispose();
    resolve(report());
    await done;
    expect(states.length).toBe(before);
  });
});
