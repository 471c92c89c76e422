/** @file A panel's session: what it shows while jobs run, fail, are cancelled or overtaken. */
import { describe, expect, it, vi } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import type { ExplainRequest, Explanation, ImagePreview, PanelState } from "../../../src/protocol/api.js";
import { createPanelSession, type SessionWorld } from "../../../src/host/panelSession.js";
import type { CallOptions } from "../../../src/host/workerClient.js";
import { explanation } from "../../e2e/webviewHarness/syntheticState.js";

const subject = {
  image: "/w/cat.jpg", model: "/w/net.onnx", imageName: "cat.jpg", modelName: "net.onnx",
  chosen: { method: "grad-cam", target: "predicted", layer: undefined, score: "logit", parameters: {} },
} as const;
const preview: ImagePreview = { bytes: new Uint8Array([1, 2, 3]), mime: "image/png", width: 640, height: 480 };

interface Call {
  readonly method: string;
  readonly args: ExplainRequest;
  readonly options: CallOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: WhylightError) => void;
}

/** A world whose worker answers when the test says so; like the real one, it rejects a cancelled call at once. */
function setUp(answerPreview = true) {
  const calls: Call[] = [];
  const states: PanelState[] = [];
  let stamp = "1";
  const call = (method: string, args: unknown, options: CallOptions = {}) =>
    new Promise<unknown>((resolve, reject) => {
      if (method === "previewImage" && answerPreview) return resolve(preview);
      options.signal?.addEventListener("abort", () => reject(new WhylightError("cancelled")));
      return calls.push({ method, args: args as ExplainRequest, options, resolve, reject });
    });
  const logFailure = vi.fn();
  const world: SessionWorld = {
    call: call as SessionWorld["call"], show: (state) => states.push(state), strings: {}, phaseText: (phase) => `phase ${phase}`, noteText: ({ code }) => `note ${code}`,
    describeFailure: (error) => ({ text: `failure ${error.code}`, actions: [] }), runtime: () => "auto", stamp: async () => stamp, logFailure,
  };
  const session = createPanelSession(subject, world);
  const called = async (count: number) => {
    await vi.waitUntil(() => calls.length >= count);
    return calls[count - 1]!;
  };
  return { session, calls, states, called, logFailure, touch: () => (stamp += "1") };
}

const result = (target = 0, change: Partial<Explanation> = {}) => explanation("grad-cam", target, change);

describe("panel session", () => {
  it("shows the start, the image, each phase and the result", async () => {
    const { session, states, called } = setUp();
    const done = session.refresh();
    const { options, args, resolve } = await called(1);
    expect(args).toMatchObject({ model: "/w/net.onnx", input: "/w/cat.jpg", method: "grad-cam", target: "predicted", runtime: "auto" });
    await vi.waitUntil(() => session.state().image !== undefined);
    options.onProgress?.({ phase: "compiling", done: 0, total: 0 });
    resolve(result());
    await done;
    expect(states.map(({ busy }) => busy?.text)).toEqual(["phase starting", "phase starting", "phase compiling", undefined]);
    expect(states.map(({ image }) => image !== undefined)).toEqual([false, true, true, true]);
    expect(states.at(-1)?.explanation?.target.label).toBe("tabby cat");
  });

  it("copies arrays out of the larger buffers they arrived in", async () => {
    const { session, called } = setUp();
    const done = session.refresh();
    const large = new Float32Array(1000);
    (await called(1)).resolve(result(0, { attribution: { shape: [2, 2], data: large.subarray(4, 8) } }));
    await done;
    expect(session.state().explanation?.attribution.data.buffer.byteLength).toBe(16);
  });

  it("cancels the old job when a new choice arrives, and shows only the new result", async () => {
    const { session, called } = setUp();
    const first = session.refresh();
    const old = await called(1);
    const second = session.explain({ ...subject.chosen, target: 2 });
    const young = await called(2);
    expect(old.options.signal?.aborted).toBe(true);
    old.resolve(result(0));
    young.resolve(result(2));
    await Promise.all([first, second]);
    expect(session.state()).toMatchObject({ explanation: { target: { index: 2 } }, busy: undefined, failure: undefined, chosen: { target: 2 } });
  });

  it("goes back to an earlier choice without computing", async () => {
    const { session, calls, called } = setUp();
    const first = session.refresh();
    (await called(1)).resolve(result(0));
    await first;
    const second = session.explain({ ...subject.chosen, target: 2 });
    (await called(2)).resolve(result(2));
    await second;
    await session.explain(subject.chosen);
    expect(session.state().explanation?.target.index).toBe(0);
    // The predicted class by its index is the same explanation.
    await session.explain({ ...subject.chosen, target: 0 });
    expect(session.state().explanation?.target.index).toBe(0);
    expect(calls.length).toBe(2);
  });

  it("computes again when a file changed", async () => {
    const { session, called, touch } = setUp();
    const first = session.refresh();
    (await called(1)).resolve(result(0));
    await first;
    touch();
    const second = session.refresh();
    (await called(2)).resolve(result(1));
    await second;
    expect(session.state().explanation?.target.index).toBe(1);
  });

  it("keeps the last result beside a failure, and the failure goes with the next job", async () => {
    const { session, called, logFailure } = setUp();
    const first = session.refresh();
    (await called(1)).resolve(result(0));
    await first;
    const second = session.explain({ ...subject.chosen, target: 3 });
    (await called(2)).reject(new WhylightError("workerCrashed", { exit: "SIGKILL" }));
    await second;
    expect(session.state()).toMatchObject({ explanation: { target: { index: 0 } }, failure: { code: "workerCrashed", text: "failure workerCrashed" }, busy: undefined });
    expect(logFailure).toHaveBeenCalledOnce();
    const third = session.refresh();
    (await called(3)).resolve(result(3));
    await third;
    expect(session.state()).toMatchObject({ explanation: { target: { index: 3 } }, failure: undefined });
  });

  it("shows the image although the explanation fails", async () => {
    const { session, called } = setUp();
    const done = session.refresh();
    (await called(1)).reject(new WhylightError("modelCorrupt"));
    await done;
    expect(session.state()).toMatchObject({ image: { width: 640 }, failure: { code: "modelCorrupt" } });
  });

  it("explains once the image is there, and not at all when it is a bad one", async () => {
    const { session, called, calls } = setUp(false);
    const first = session.refresh();
    (await called(1)).reject(new WhylightError("imageInvalid"));
    await first;
    expect(session.state().failure?.code).toBe("imageInvalid");
    const second = session.refresh();
    (await called(2)).resolve(preview);
    (await called(3)).resolve(result());
    await second;
    expect(calls.map(({ method }) => method)).toEqual(["previewImage", "previewImage", "explain"]);
    expect(session.state()).toMatchObject({ failure: undefined, explanation: { target: { index: 0 } } });
  });

  it("returns to what is shown when cancelled, and says so when nothing is", async () => {
    const { session, called } = setUp();
    const first = session.refresh();
    const job = await called(1);
    session.cancel();
    await first;
    expect(job.options.signal?.aborted).toBe(true);
    expect(session.state()).toMatchObject({ failure: { code: "cancelled" }, busy: undefined });
    const second = session.refresh();
    (await called(2)).resolve(result(0));
    await second;
    const third = session.explain({ ...subject.chosen, method: "saliency" });
    await called(3);
    session.cancel();
    await third;
    expect(session.state()).toMatchObject({ chosen: subject.chosen, failure: undefined, busy: undefined, explanation: { method: "grad-cam" } });
  });

  it("cancels the job and stays silent when its panel closes", async () => {
    const { session, states, called } = setUp();
    const done = session.refresh();
    const job = await called(1);
    const before = states.length;
    session.dispose();
    await done;
    expect(job.options.signal?.aborted).toBe(true);
    expect(states.length).toBe(before);
  });
});
