/** @file An audit's session: running, stopping, going on, crashing, looking at what is on disk, comparing; and the lists of mistakes made from it. */
import { describe, expect, it, vi } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { createAuditSession, type AuditPlan, type AuditWorld } from "../../../src/host/audit/auditSession.js";
import { byLabel, labelSource, mistakeLimit, readMistakes } from "../../../src/host/audit/mistakes.js";
import type { AuditedImage, AuditProgress, AuditRequest, AuditState, AuditSummary, ImagesRequest } from "../../../src/protocol/audit.js";
import { readAuditMemento } from "../../../src/protocol/auditMemento.js";
import { fakeCalls } from "./fakeCalls.js";

const audit = "/w/.whylight/audits/net-shots";
const plan: AuditPlan = { model: "/w/net.onnx", folder: "/w/shots", labels: undefined };

/** As much of a summary as the session looks at. */
function summary(change: Partial<AuditSummary> = {}): AuditSummary {
  return { model: { path: "/w/net.onnx", sha256: "" }, folder: "/w/shots", labelsFrom: "folders", labels: ["mug", "umbrella"], finished: "2026-01-02T03:04:05Z", mistakes: 3, ...change } as AuditSummary;
}

function setUp(from: "asked" | "disk" = "asked") {
  const states: AuditState[] = [];
  const ordinary = fakeCalls();
  const runs = fakeCalls();
  const logFailure = vi.fn();
  const shownAs = { problems: false, tests: false };
  const world: AuditWorld = {
    call: ordinary.call, run: (request, options) => runs.call("auditFolder", request, options), show: (state) => states.push(state), strings: {}, runtime: () => "auto", logFailure,
    busyText: (progress) => (!progress ? "starting" : progress.images < progress.total ? "images" : "regions"),
    describeFailure: (error) => ({ text: `failure ${error.code}`, actions: [] }), shownAs: () => shownAs,
    others: async () => [{ folder: audit, name: "net-shots" }, { folder: "/w/.whylight/audits/old-shots", name: "old-shots" }],
    modelName: (path) => path.replace(/^.*\/|\.onnx$/g, ""), folderName: (path) => path.replace(/^.*\//, ""),
  };
  return { session: createAuditSession(audit, from === "asked" ? plan : undefined, world), states, ordinary, runs, logFailure, shownAs };
}

const progress = (images: number, total = 10): AuditProgress => ({ images, total, mistakes: 1, failed: 0, perSecond: 5 });

describe("audit session", () => {
  it("runs in the process for runs, shows how far it is and then what was found", async () => {
    const { session, states, runs, ordinary } = setUp();
    const done = session.run(false);
    const { args, options, resolve } = await runs.called(1);
    expect(args).toEqual<AuditRequest>({ ...plan, out: audit, resume: false, runtime: "auto" });
    expect(states[0]).toMatchObject({ modelName: "net", folderName: "shots", busy: { images: 0, total: 0, text: "starting" }, summary: undefined, isPaused: false });
    expect(session.isRunning()).toBe(true);
    options.onProgress?.({ phase: "computing", done: 2, total: 10, audit: progress(2) });
    expect(states.at(-1)?.busy).toEqual({ ...progress(2), text: "images" });
    const made = summary();
    resolve(made);
    await done;
    expect(session.state()).toMatchObject({ busy: undefined, failure: undefined, isPaused: false, others: [{ name: "old-shots" }] });
    expect(session.state().summary).toBe(made);
    expect(ordinary.calls).toEqual([]);
  });

  it("shows a step within images at most five times a second, and what comes after them at once", async () => {
    vi.useFakeTimers();
    try {
      const { session, states, runs } = setUp();
      void session.run(false);
      await vi.advanceTimersByTimeAsync(0);
      const { options } = runs.calls[0]!;
      const tell = (images: number) => options.onProgress?.({ phase: "computing", done: images, total: 10, audit: progress(images) });
      const before = states.length;
      for (let images = 1; images < 10; images++) {
        tell(images);
        await vi.advanceTimersByTimeAsync(50);
      }
      // 9 steps in 450 ms: the first, and one each time 200 ms have gone by.
      expect(states.slice(before).map(({ busy }) => busy?.images)).toEqual([1, 5, 9]);
      tell(10);
      expect(states.at(-1)?.busy).toMatchObject({ images: 10, text: "regions" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("stops, keeps what is on disk and goes on with it", async () => {
    const { session, runs, ordinary } = setUp();
    const done = session.run(false);
    const first = await runs.called(1);
    session.cancel();
    expect(first.options.signal?.aborted).toBe(true);
    expect(session.state()).toMatchObject({ busy: undefined, isPaused: true });
    await done;
    (await ordinary.called(1)).resolve(summary({ finished: undefined, mistakes: 1 }));
    await vi.waitUntil(() => session.state().summary);
    expect(session.state()).toMatchObject({ isPaused: true, failure: undefined, summary: { mistakes: 1 } });
    const again = session.retry();
    const second = await runs.called(2);
    expect(second.args).toMatchObject({ resume: true, out: audit });
    // What was known stays in sight.
    expect(session.state()).toMatchObject({ isPaused: false, busy: { text: "starting" }, summary: { mistakes: 1 } });
    second.resolve(summary());
    await again;
    expect(session.state()).toMatchObject({ isPaused: false, busy: undefined, summary: { mistakes: 3 } });
  });

  it("that was stopped before anything was written can be started again", async () => {
    const { session, runs, ordinary } = setUp();
    void session.run(false);
    await runs.called(1);
    session.cancel();
    (await ordinary.called(1)).reject(new WhylightError("auditMissing"));
    await vi.waitUntil(() => session.state().failure);
    expect(session.state()).toMatchObject({ isPaused: false, failure: { code: "cancelled" } });
    void session.retry();
    expect((await runs.called(2)).args).toMatchObject({ resume: false });
  });

  it("is started with other labels after some were wrong", async () => {
    const { session, runs, ordinary } = setUp();
    const done = session.run(false);
    (await runs.called(1)).reject(new WhylightError("labelsInvalid"));
    (await ordinary.called(1)).reject(new WhylightError("auditMissing"));
    await done;
    expect(session.state()).toMatchObject({ failure: { code: "labelsInvalid" }, isPaused: false, busy: undefined });
    void session.run(false, { ...plan, labels: "/w/labels.csv" });
    expect((await runs.called(2)).args).toMatchObject({ labels: "/w/labels.csv", resume: false });
  });

  it("tells a crash, and offers to go on with what is on disk", async () => {
    const { session, runs, ordinary, logFailure } = setUp();
    const done = session.run(false);
    (await runs.called(1)).reject(new WhylightError("workerCrashed", { exit: "SIGKILL" }));
    (await ordinary.called(1)).resolve(summary({ finished: undefined }));
    await done;
    expect(logFailure).toHaveBeenCalledOnce();
    expect(session.state()).toMatchObject({ busy: undefined, isPaused: true, failure: { code: "workerCrashed" } });
    void session.run(true);
    expect((await runs.called(2)).args).toMatchObject({ resume: true });
    expect(session.state().failure).toBeUndefined();
  });

  it("opened from disk goes on as it was made", async () => {
    const { session, runs, ordinary } = setUp("disk");
    // Nothing is known yet.
    expect(session.state()).toMatchObject({ modelName: "", folderName: "net-shots" });
    const opened = session.open();
    const { method, args, resolve } = await ordinary.called(1);
    expect([method, args]).toEqual(["openAudit", { audit }]);
    resolve(summary({ finished: undefined, labelsFrom: "/w/labels.csv" }));
    await opened;
    expect(session.state()).toMatchObject({ modelName: "net", folderName: "shots", isPaused: true });
    void session.run(true);
    expect((await runs.called(1)).args).toEqual<AuditRequest>({ model: "/w/net.onnx", folder: "/w/shots", labels: "/w/labels.csv", out: audit, resume: true, runtime: "auto" });
  });

  it("gone on with before it was looked at reads first how it was made", async () => {
    const { session, runs, ordinary } = setUp("disk");
    void session.run(true);
    const { method, resolve } = await ordinary.called(1);
    expect(method).toBe("openAudit");
    expect(session.isRunning()).toBe(true);
    resolve(summary({ finished: undefined }));
    expect((await runs.called(1)).args).toEqual<AuditRequest>({ ...plan, out: audit, resume: true, runtime: "auto" });
  });

  it("does not look at the disk while it runs", async () => {
    const { session, runs, ordinary, states } = setUp();
    void session.run(false);
    await runs.called(1);
    const before = states.length;
    await session.open();
    expect(ordinary.calls).toEqual([]);
    expect(states.length).toBe(before + 1);
    expect(runs.calls[0]!.options.signal?.aborted).toBe(false);
  });

  it("says what is wrong with a folder that holds none", async () => {
    const { session, ordinary } = setUp("disk");
    const opened = session.open();
    (await ordinary.called(1)).reject(new WhylightError("auditMissing", { path: audit }));
    await opened;
    expect(session.state()).toMatchObject({ summary: undefined, isPaused: false, failure: { code: "auditMissing" } });
  });

  it("compares with another, asks for what changed, and ends it", async () => {
    const { session, ordinary } = setUp("disk");
    await expect(session.changed({ change: "fixed", offset: 0, count: 5 })).rejects.toMatchObject({ code: "cancelled" });
    const compared = session.compare("/w/old");
    const { method, args, resolve } = await ordinary.called(1);
    expect([method, args]).toEqual(["compareAudits", { before: "/w/old", after: audit }]);
    resolve({ fixed: 2, before: { folder: "shown under another name" } });
    await compared;
    expect(session.state().comparison).toMatchObject({ fixed: 2 });
    void session.changed({ change: "fixed", offset: 5, count: 7 });
    expect(await ordinary.called(2)).toMatchObject({ method: "changedImages", args: { before: "/w/old", after: audit, change: "fixed", offset: 5, count: 7 } });
    await session.compare(undefined);
    expect(session.state().comparison).toBeUndefined();
  });

  it("knows what an image is held against", async () => {
    const { session, ordinary } = setUp("disk");
    const opened = session.open();
    (await ordinary.called(1)).resolve(summary());
    await opened;
    const judged = session.judged("mug/1.jpg");
    const { args, resolve } = await ordinary.called(2);
    expect(args).toMatchObject({ audit, filter: { files: ["mug/1.jpg"] }, count: 1 });
    resolve({ total: 1, images: [{ file: "mug/1.jpg", label: 0 }] });
    expect(await judged).toEqual({ label: 0, labelFrom: "folder", expected: undefined });
    const unlabelled = session.judged("x.jpg");
    (await ordinary.called(3)).resolve({ total: 1, images: [{ file: "x.jpg", label: -1 }] });
    expect(await unlabelled).toBeUndefined();
  });

  it("says nothing after its end, and ends the run", async () => {
    const { session, states, runs } = setUp();
    const done = session.run(false);
    const { options } = await runs.called(1);
    const before = states.length;
    session.dispose();
    await done;
    expect(options.signal?.aborted).toBe(true);
    expect(states.length).toBe(before);
  });

  it("comes back out of what a page stored, checked", () => {
    expect(readAuditMemento({ audit: "file:///a", view: 1 })).toEqual({ audit: "file:///a" });
    for (const broken of [undefined, null, "file:///a", {}, { audit: "" }, { audit: 3 }]) expect(readAuditMemento(broken)).toBeUndefined();
  });
});

describe("mistakes", () => {
  const image = (i: number): AuditedImage => ({ file: `umbrella/${i}.jpg`, label: i % 3 === 0 ? 0 : 1, predicted: 0, confidence: 0.9, trueProbability: 0.1, rank: 2, flags: [] });

  /** An audit with so many mistakes, whose worker gives no more than it is asked for. */
  function audited(total: number) {
    const asked: ImagesRequest[] = [];
    const { call } = fakeCalls({
      auditImages: (request: ImagesRequest) => {
        asked.push(request);
        return { total, images: Array.from({ length: Math.max(0, Math.min(request.count, total - request.offset)) }, (_, i) => image(request.offset + i)) };
      },
    });
    return { asked, read: () => readMistakes(call, audit, summary()) };
  }

  it("are read page by page, with names and places", async () => {
    const { asked, read } = audited(300);
    const { shown, total } = await read();
    expect([shown.length, total]).toEqual([300, 300]);
    expect(new Set(shown.map(({ file }) => file)).size).toBe(300);
    expect(shown[1]).toEqual({ file: "umbrella/1.jpg", path: "/w/shots/umbrella/1.jpg", label: 1, labelName: "umbrella", predicted: 0, predictedName: "mug", confidence: 0.9 });
    expect(asked.every(({ filter, order }) => filter.outcome === "wrong" && order === "confidence")).toBe(true);
  });

  it("end at a limit, and say how many there are", async () => {
    const { shown, total } = await audited(12_345).read();
    expect([shown.length, total]).toEqual([mistakeLimit, 12_345]);
    expect((await audited(0).read()).shown).toEqual([]);
  });

  it("are labelled by the file that is named, else by their folders", () => {
    expect([labelSource({ labelsFrom: "/w/labels.csv" }), labelSource({ labelsFrom: "folders" })]).toEqual(["labels file", "folder"]);
  });

  it("are grouped by their label, in the order of the labels", async () => {
    const groups = byLabel((await audited(6).read()).shown);
    expect([...groups].map(([label, all]) => [label, all.map(({ file }) => file)])).toEqual([
      ["mug", ["umbrella/0.jpg", "umbrella/3.jpg"]], ["umbrella", ["umbrella/1.jpg", "umbrella/2.jpg", "umbrella/4.jpg", "umbrella/5.jpg"]],
    ]);
  });
});
