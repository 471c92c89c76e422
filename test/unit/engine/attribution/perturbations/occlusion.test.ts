/** @file Occlusion against its definition: for every window one score, for every place the mean over the windows that cover it. */
import { describe, expect, it } from "vitest";
import { windowsOver, windowStarts } from "../../../../../src/engine/attribution/perturbations/windows.js";
import { toNumbers } from "../../../../../src/engine/ir/tensor.js";
import { explain, model, target } from "../smallClassifiers.js";
import { close, height, image, linear, linearScore, logitsOf, masked, other, perturb, places, plain, width, x } from "./linearImage.js";

/** Every place's mean fall, window by window, with the windows found by trying every position. */
function byDefinition(score: (values: readonly number[]) => number, window: number, stride: number, fill?: readonly number[]): number[] {
  const [sums, counts] = [new Array<number>(places).fill(0), new Array<number>(places).fill(0)];
  const starts = (side: number) => Array.from({ length: side }, (_, i) => i).filter((i) => i % stride === 0 && (i + window <= side || i - stride + window < side));
  for (const top of starts(height)) {
    for (const left of starts(width)) {
      const isInside = (p: number) => Math.floor(p / width) >= top && Math.floor(p / width) < top + window && p % width >= left && p % width < left + window;
      const fall = score(x) - score(masked((p) => !isInside(p), fill));
      for (let p = 0; p < places; p++) if (isInside(p)) [sums[p], counts[p]] = [sums[p]! + fall, counts[p]! + 1];
    }
  }
  return sums.map((sum, p) => sum / counts[p]!);
}

describe("occlusion", () => {
  it.each([[1, 1], [2, 1], [2, 2], [3, 2], [3, 3], [5, 3], [5, 5]])("by windows of %d every %d is the mean over the windows that cover a place", async (window, stride) => {
    const { attribution } = await perturb(linear(), { method: "occlusion", target: target(1), parameters: { window, stride } });
    expect(attribution.shape).toEqual([height, width]);
    close(attribution.data, byDefinition((values) => linearScore(values, 1), window, stride));
  });

  it("follows a model that is not linear, with a fill of its own", async () => {
    const squared = linear((graph, logits) => graph.add("Mul", [logits, logits]));
    const fill = other(21);
    const { attribution } = await perturb(squared, { method: "occlusion", target: target(2), parameters: { window: 3, stride: 2, fill: plain(fill) } });
    close(attribution.data, byDefinition((values) => linearScore(values, 2) ** 2, 3, 2, toNumbers(fill)));
  });

  it("over several fills is the mean of the maps", async () => {
    const squared = linear((graph, logits) => graph.add("Mul", [logits, logits]));
    const fills = [other(21), other(22)];
    const map = async (fill: readonly ReturnType<typeof plain>[]) =>
      [...(await perturb(squared, { method: "occlusion", parameters: { window: 2, stride: 2, fill } })).attribution.data];
    const [first, second] = [await map([plain(fills[0]!)]), await map([plain(fills[1]!)])];
    close(await map(fills.map(plain)), first.map((value, p) => (value + second[p]!) / 2));
  });

  it("explains one class rather than another by the difference of their maps", async () => {
    const map = async (index: number, versus?: number) => [...(await perturb(linear(), { method: "occlusion", target: target(index, { versus }), parameters: { window: 2 } })).attribution.data];
    const [one, two] = [await map(0), await map(1)];
    close(await map(0, 1), one.map((value, p) => value - two[p]!));
  });

  it("is the same for a model with the channels last", async () => {
    const last = { ...image, shape: [1, height, width, 2], data: Float32Array.from(x, (_, i) => x[(i % 2) * places + Math.floor(i / 2)]!) };
    const turned = model((graph, input) => logitsOf(graph, graph.add("Transpose", [input], { perm: [0, 3, 1, 2] })), last);
    const { attribution } = await explain(turned, { input: last, method: "occlusion", parameters: { window: 3, stride: 2 }, pixels: { scale: 1, mean: [0], std: [1], layout: "NHWC" } });
    close(attribution.data, byDefinition((values) => linearScore(values, 0), 3, 2));
  });

  it("does not run windows whose fill changes nothing", async () => {
    const input = { ...image, data: Float32Array.from(x, (value, i) => (i % places < width * 2 ? 0 : value)) };
    const { attribution, evaluations, facts } = await explain(linear(), { input, method: "occlusion", parameters: { window: 2, stride: 2 } });
    expect(facts).toMatchObject({ window: 2, stride: 2, windows: 9 });
    expect(evaluations).toEqual({ forward: 1 + 6, gradient: 0 });
    expect([...attribution.data.subarray(0, width * 2)]).toEqual(new Array<number>(width * 2).fill(0));
  });

  it("takes a seventh of the image for a window and half of that for the stride", async () => {
    expect((await perturb(linear(), { method: "occlusion" })).facts).toMatchObject({ window: 1, stride: 1, windows: places });
  });

  it.each([[{ window: 6 }, "window"], [{ window: 2, stride: 3 }, "stride"], [{ window: 0 }, "window"], [{ window: 1.5 }, "window"], [{ fill: "purple" }, "fill"], [{ fill: { shape: [2], data: new Float32Array(2) } }, "fill"]])("refuses %j", async (parameters, parameter) => {
    await expect(perturb(linear(), { method: "occlusion", parameters })).rejects.toMatchObject({ code: "parameterInvalid", data: { parameter } });
  });

  it("shows the map so far", async () => {
    const partials: (readonly number[])[] = [];
    const { attribution } = await perturb(linear(), {
      method: "occlusion", parameters: { window: 1, stride: 1 }, memory: 1, report: (_, __, partial) => { if (partial) partials.push([...partial().attribution.data]); },
    });
    // One window at a time: each partial map has one place more of the final one.
    expect(partials.length).toBe(places);
    partials.forEach((map, done) => expect(map).toEqual([...attribution.data].map((value, p) => (p <= done ? value : 0))));
  });
});

describe("windows", () => {
  it("start as Captum's: the last may stick out, and is cut", () => {
    expect([windowStarts(28, 5, 3), windowStarts(64, 9, 5).length, windowStarts(7, 7, 7)]).toEqual([[0, 3, 6, 9, 12, 15, 18, 21, 24], 12, [0]]);
    expect(windowsOver(3, 4, 2, 2)).toEqual([
      { top: 0, left: 0, bottom: 2, right: 2 }, { top: 0, left: 2, bottom: 2, right: 4 }, { top: 2, left: 0, bottom: 3, right: 2 }, { top: 2, left: 2, bottom: 3, right: 4 },
    ]);
  });
});
