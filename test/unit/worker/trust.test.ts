/** @file How far maps of the sample model can be trusted, from files to a report, on ONNX Runtime: what must hold on real images. */
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { MethodId } from "../../../src/protocol/api.js";
import type { TrustFinding, TrustReport, TrustRequest, TrustTest } from "../../../src/protocol/trust.js";
import { createJobs } from "../../../src/worker/jobs.js";

const sample = (path: string) => fileURLToPath(new URL(`../../../samples/${path}`, import.meta.url));
const jobs = createJobs();
afterAll(() => jobs.dispose());

const request = (image: string, over: Partial<TrustRequest> = {}): TrustRequest => ({
  model: sample("models/scenes.onnx"), input: sample(`images/${image}`), method: "grad-cam", target: "predicted", score: "logit", layer: undefined, parameters: {}, runtime: "onnxruntime", ...over,
});
const finding = (report: TrustReport, test: TrustTest): TrustFinding => report.findings.find((found) => found.test === test)!;

describe("on the sample model", () => {
  it.each(["car-1.jpg", "mushroom-1.jpg", "balloon-1.jpg"])("Grad-CAM takes away and brings back what matters on %s, for about 80 images' time", async (image) => {
    const report = await jobs.trust(request(image));
    const { deletion, insertion, random, before } = finding(report, "curves").numbers as { deletion: number; insertion: number; random: number; before: number };
    expect(deletion).toBeLessThan(random);
    expect(insertion).toBeGreaterThan(random);
    expect(before).toBeCloseTo(report.target.probability, 5);
    // The noise is far below what the eye sees, and the map comes from the last and smoothest layer.
    expect(finding(report, "stability").numbers["correlation"]).toBeGreaterThan(0.9);
    // Random weights know no cars: what is left of the ranking must be small.
    expect(finding(report, "weights").verdict).not.toBe("bad");
    expect(report.evaluations.forward + 2 * report.evaluations.gradient).toBeLessThan(100);
    expect(report.pending).toEqual([]);
    expect(report.findings.every(({ numbers }) => Object.values(numbers).every(Number.isFinite))).toBe(true);
  });

  it("EigenCAM has the same map for every class, which is what it is said to be", async () => {
    const report = await jobs.trust(request("car-1.jpg", { method: "eigen-cam", tests: ["classes"] }));
    expect(report.findings).toMatchObject([{ test: "classes", verdict: "bad", sentence: { code: "classesBad", data: { correlation: "1.00" } }, comparisons: [{ correlation: 1 }, { correlation: 1 }, { correlation: 1 }] }]);
  });

  it("the same request has the same report; settings change it", async () => {
    const [first, second] = [await jobs.trust(request("fish-1.jpg")), await jobs.trust(request("fish-1.jpg"))];
    // The second one shares what the first one ran, and says so.
    const withoutCost = (findings: typeof first.findings) => findings.map((finding) => ({ ...finding, evaluations: undefined }));
    expect(withoutCost(second.findings)).toEqual(withoutCost(first.findings));
    const { findings } = await jobs.trust(request("fish-1.jpg", { tests: ["classes"], settings: { seed: 1, classes: 1 } }));
    expect(findings[0]!.comparisons).toHaveLength(1);
  });

  it("makes methods of many images cheap, and says how", async () => {
    const report = await jobs.trust(request("car-1.jpg", { method: "rise" as MethodId, tests: ["stability"] }));
    expect(report.lowered).toEqual({ masks: 500 });
    expect(report.parameters["masks"]).toBe(100);
  });

  it("sends the report test by test, with a total that stays", async () => {
    const partial: TrustReport[] = [];
    const totals = new Set<number>();
    const report = await jobs.trust(request("car-1.jpg", { tests: ["curves", "stability", "classes"] }), {
      onTrust: (soFar, done, total) => { partial.push(soFar); expect(done).toBeLessThanOrEqual(total); },
      onProgress: (phase, _, total) => { if (phase === "computing" && total > 1) totals.add(total); },
    });
    expect(partial.map(({ findings, pending }) => [findings.map(({ test }) => test), pending])).toEqual([
      [["curves"], ["classes", "stability"]], [["curves", "classes"], ["stability"]], [["curves", "classes", "stability"], []],
    ]);
    expect(partial.at(-1)!.findings).toEqual(report.findings);
    expect(totals.size).toBe(1);
  });

  it("is cancelled between batches", async () => {
    const controller = new AbortController();
    const running = jobs.trust(request("car-1.jpg"), { signal: controller.signal, onTrust: () => controller.abort() });
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
  });

  it("refuses settings that are not", async () => {
    await expect(jobs.trust(request("car-1.jpg", { settings: { steps: 0 } }))).rejects.toMatchObject({ code: "parameterInvalid", data: { parameter: "steps" } });
  });
});
