/** @file A panel's session: what it shows while jobs run, fail, are cancelled or overtaken. */
import { describe, expect, it, vi } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import type { ExplainRequest, Explanation, ImagePreview, PanelState } from "../../../src/protocol/api.js";
import { createPanelSession } from "../../../src/host/panelSession.js";
import type { SessionWorld } from "../../../src/host/sessionWorld.js";
import type { TrustFinding, TrustReport } from "../../../src/protocol/trust.js";
import type { CallOptions } from "../../../src/host/workerClient.js";
import { catalogue, explanation } from "../../e2e/webviewHarness/syntheticState.js";

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
function setUp(answerPreview = true, answerMethods: () => unknown = () => catalogue) {
  const calls: Call[] = [];
  const states: PanelState[] = [];
  let stamp = "1";
  const call = (method: string, args: unknown, options: CallOptions = {}) =>
    new Promise<unknown>((resolve, reject) => {
      if (method === "previewImage" && answerPreview) return resolve(preview);
      if (method === "methods") return resolve(Promise.resolve().then(answerMethods));
      options.signal?.addEventListener("abort", () => reject(new WhylightError("cancelled")));
      return calls.push({ method, args: args as ExplainRequest, options, resolve, reject });
    });
  const logFailure = vi.fn();
  const world: SessionWorld = {
    call: call as SessionWorld["call"], show: (state) => states.push(state), strings: {}, phaseText: (phase, estimate) => `phase ${phase}${estimate ? ` for ${estimate.ms?.[1]} ms` : ""}`, estimateText: ({ ms }) => `for ${ms?.[1]} ms`, noteText: ({ code }) => `note ${code}`,
    findingText: ({ test, verdict, sentence }) => ({ title: test, verdict, sentence: sentence.code }), testName: (test) => `test ${test}`,
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
  it("shows what a long job will take for as long as it computes", async () => {
    const { session, states, called } = setUp();
    const done = session.refresh();
    const { options, resolve } = await called(1);
    options.onProgress?.({ phase: "computing", done: 0, total: 1 });
    options.onProgress?.({ phase: "computing", done: 0, total: 1, estimate: { ms: [40_000, 40_000], bytes: 1e9, free: 8e9, runtime: "onnxruntime" } });
    expect(states.at(-1)?.busy?.text).toBe("phase computing for 40000 ms");
    options.onProgress?.({ phase: "computing", done: 5, total: 50 });
    expect(session.state().busy).toEqual({ phase: "computing", done: 5, total: 50, text: "phase computing for 40000 ms" });
    resolve(result());
    await done;
    expect(session.state().busy).toBeUndefined();
  });

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

  it("asks for the catalogue once, and explains without one", async () => {
    let asked = 0;
    const { session, called } = setUp(true, () => {
      if (++asked === 1) throw new WhylightError("internal");
      return catalogue;
    });
    for (const [i, known] of [false, true, true].entries()) {
      const done = session.explain({ ...subject.chosen, target: i });
      (await called(i + 1)).resolve(result(i));
      await done;
      expect(session.state()).toMatchObject({ explanation: { target: { index: i } }, failure: undefined });
      expect(session.state().catalogue !== undefined).toBe(known);
    }
    expect(asked).toBe(2);
  });

  it("shows the map so far, with its place in the whole, then the whole", async () => {
    const { session, states, called } = setUp();
    const done = session.explain({ ...subject.chosen, method: "saliency" });
    const job = await called(1);
    const large = new Float32Array(1000);
    const partial = explanation("saliency", 0, { partial: { done: 12, total: 50 }, attribution: { shape: [1, 1, 2, 2], data: large.subarray(4, 8) } });
    job.options.onProgress?.({ phase: "computing", done: 12, total: 50, partial });
    expect(states.at(-1)).toMatchObject({ busy: { done: 12, total: 50 }, explanation: { partial: { done: 12, total: 50 } } });
    expect(states.at(-1)?.explanation?.attribution.data.buffer.byteLength).toBe(16);
    job.resolve(explanation("saliency", 0));
    await done;
    expect(session.state()).toMatchObject({ busy: undefined, explanation: { partial: undefined } });
  });

  it("goes back from a map so far to what was there before, when cancelled, failed or overtaken", async () => {
    const { session, states, called } = setUp();
    const first = session.refresh();
    (await called(1)).resolve(result(0));
    await first;
    const partial = explanation("saliency", 0, { partial: { done: 1, total: 9 } });
    const progress = { phase: "computing", done: 1, total: 9, partial } as const;
    const wanted = { ...subject.chosen, method: "saliency" } as const;

    const cancelled = session.explain(wanted);
    (await called(2)).options.onProgress?.(progress);
    expect(session.state().explanation?.method).toBe("saliency");
    session.cancel();
    await cancelled;
    expect(session.state()).toMatchObject({ explanation: { method: "grad-cam", partial: undefined }, chosen: subject.chosen, busy: undefined });

    const failed = session.explain(wanted);
    const failing = await called(3);
    failing.options.onProgress?.(progress);
    failing.reject(new WhylightError("outOfMemory"));
    await failed;
    expect(session.state()).toMatchObject({ explanation: { method: "grad-cam" }, chosen: wanted, failure: { code: "outOfMemory" } });

    const overtaken = session.explain(wanted);
    const old = await called(4);
    old.options.onProgress?.(progress);
    const young = session.explain({ ...subject.chosen, target: 2 });
    expect(session.state().explanation?.method).toBe("grad-cam");
    // A late word of the old job changes nothing.
    const before = states.length;
    old.options.onProgress?.(progress);
    expect(states.length).toBe(before);
    (await called(5)).resolve(result(2));
    await Promise.all([overtaken, young]);
    expect(session.state()).toMatchObject({ explanation: { method: "grad-cam", target: { index: 2 }, partial: undefined } });
  });

  it("keeps one result per set of choices, whatever order and words they come in", async () => {
    const { session, calls, called } = setUp();
    const versus = explanation("grad-cam", 1).target;
    const asked = { ...subject.chosen, versus: "runner-up", parameters: { steps: 20, baseline: "black" } };
    const first = session.explain(asked);
    (await called(1)).resolve(result(0, { versus }));
    await first;
    const same = [
      { ...asked, parameters: { baseline: "black", steps: 20 } }, { ...asked, target: 0 }, { ...asked, versus: 1 }, { ...asked, target: 0, versus: 1 },
    ];
    for (const chosen of same) {
      await session.explain(chosen);
      expect(session.state()).toMatchObject({ chosen, explanation: { target: { index: 0 }, versus: { index: 1 } } });
    }
    expect(calls.length).toBe(1);
    const different = [
      { ...asked, versus: undefined }, { ...asked, versus: 2 }, { ...asked, parameters: { ...asked.parameters, steps: 21 } }, { ...asked, parameters: {} },
      { ...asked, layer: "a" }, { ...asked, layer: ["a", "b"] }, { ...asked, score: "probability" as const },
    ];
    for (const [i, chosen] of different.entries()) {
      const done = session.explain(chosen);
      (await called(i + 2)).resolve(result(0, { versus: undefined }));
      await done;
    }
  });

  it("hands remarks over with their code and sentence", async () => {
    const { session, called } = setUp();
    const done = session.refresh();
    (await called(1)).resolve(result(0, { notes: [{ code: "allNegativeCam", data: {} }] }));
    await done;
    expect(session.state().notes).toEqual([{ code: "allNegativeCam", text: "note allNegativeCam" }]);
  });
});

describe("trust", () => {
  const finding = (test: TrustFinding["test"]): TrustFinding => ({ test, verdict: "good", sentence: { code: "stabilityGood", data: {} }, numbers: {}, curves: [], comparisons: [], evaluations: { forward: 1, gradient: 0 } });
  const report = (findings: TrustFinding[], pending: TrustReport["pending"]) => ({ findings, pending, lowered: {}, parameters: {} }) as unknown as TrustReport;

  async function explained() {
    const made = setUp();
    const done = made.session.refresh();
    (await made.called(1)).resolve(result(0));
    await done;
    return made;
  }

  it("shows findings as they come, then the whole report", async () => {
    const { session, states, called } = await explained();
    const done = session.checkTrust();
    const job = await called(2);
    expect(job).toMatchObject({ method: "trust", args: { model: "/w/net.onnx", input: "/w/cat.jpg", method: "grad-cam", target: "predicted" } });
    expect(session.state().trust).toMatchObject({ report: undefined, busy: { done: 0, total: 0 } });
    job.options.onProgress?.({ phase: "computing", done: 0, total: 9, estimate: { ms: [20_000, 20_000], bytes: 1e9, free: 8e9, runtime: "onnxruntime" } });
    expect(states.at(-1)?.trust?.busy).toEqual({ done: 0, total: 9, estimate: "for 20000 ms" });
    job.options.onProgress?.({ phase: "computing", done: 3, total: 9, trust: report([finding("curves")], ["stability", "weights"]) });
    expect(states.at(-1)?.trust?.busy?.estimate).toBe("for 20000 ms");
    expect(states.at(-1)?.trust).toMatchObject({ busy: { done: 3, total: 9 }, texts: [{ title: "curves", verdict: "good", sentence: "stabilityGood" }], pending: ["test stability", "test weights"] });
    // Progress without news keeps what was found.
    job.options.onProgress?.({ phase: "computing", done: 4, total: 9 });
    expect(session.state().trust?.texts.length).toBe(1);
    job.resolve(report([finding("curves"), finding("stability")], []));
    await done;
    expect(session.state().trust).toMatchObject({ busy: undefined, failure: undefined, pending: [], texts: [{ title: "curves" }, { title: "stability" }] });
  });

  it("keeps each result's report, and stops testing when another explanation is wanted", async () => {
    const { session, called, calls } = await explained();
    const first = session.checkTrust();
    (await called(2)).resolve(report([finding("curves")], []));
    await first;
    const other = session.explain({ ...subject.chosen, target: 2 });
    (await called(3)).resolve(result(2));
    await other;
    expect(session.state().trust).toBeUndefined();
    const second = session.checkTrust();
    const job = await called(4);
    job.options.onProgress?.({ phase: "computing", done: 1, total: 9, trust: report([finding("classes")], ["weights"]) });
    await session.explain(subject.chosen);
    await second;
    expect(job.options.signal?.aborted).toBe(true);
    expect(session.state().trust?.texts.map(({ title }) => title)).toEqual(["curves"]);
    await session.explain({ ...subject.chosen, target: 2 });
    // What was found before it was stopped is not lost, and is not called whole.
    expect(session.state().trust).toMatchObject({ busy: undefined, failure: undefined, report: { pending: ["weights"] }, texts: [{ title: "classes" }] });
    expect(calls.length).toBe(4);
  });

  it("says why it failed, and is as before when cancelled at once", async () => {
    const { session, called, logFailure } = await explained();
    const failing = session.checkTrust();
    (await called(2)).reject(new WhylightError("outOfMemory"));
    await failing;
    expect(session.state()).toMatchObject({ failure: undefined, trust: { failure: "failure outOfMemory", busy: undefined } });
    expect(logFailure).toHaveBeenCalledOnce();
    const stopped = session.checkTrust();
    const job = await called(3);
    session.cancelTrust();
    await stopped;
    expect(job.options.signal?.aborted).toBe(true);
    expect(session.state().trust).toBeUndefined();
  });

  it("posts findings at once and mere progress now and then, since every state goes whole", async () => {
    const { session, states, called } = await explained();
    const now = vi.spyOn(Date, "now").mockReturnValue(1000);
    try {
      const done = session.checkTrust();
      const { options, resolve } = await called(2);
      const before = states.length;
      for (let i = 1; i < 9; i++) options.onProgress?.({ phase: "computing", done: i, total: 9 });
      expect(states.length).toBe(before);
      options.onProgress?.({ phase: "computing", done: 9, total: 9, trust: report([finding("curves")], ["weights"]) });
      expect(states.length).toBe(before + 1);
      now.mockReturnValue(2000);
      options.onProgress?.({ phase: "computing", done: 9, total: 9 });
      expect(states.length).toBe(before + 2);
      resolve(report([finding("curves")], []));
      await done;
    } finally {
      now.mockRestore();
    }
  });

  it("tests nothing while a job runs", async () => {
    const { session, called, calls } = await explained();
    const running = session.explain({ ...subject.chosen, target: 2 });
    const job = await called(2);
    await session.checkTrust();
    expect(calls.length).toBe(2);
    job.resolve(result(2));
    await running;
  });
});
