/** @file Reports of models that are not as most are: images one by one, channels last, a single output, gray, no layer on a grid, a layer that is told. Small networks with made-up weights. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import { emitOnnx } from "../../../../src/runtimes/emitOnnx.js";
import { createJobs } from "../../../../src/worker/jobs.js";
import { smooth } from "../../engine/numbers.js";
import { graphOf } from "../../engine/smallGraph.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-odd-"));
const image = join(folder, "picture.png");
const jobs = createJobs();
beforeAll(async () => {
  const pixels = Uint8Array.from({ length: 12 * 10 * 3 }, (_, i) => (i * 37) % 256);
  await sharp(pixels, { raw: { width: 12, height: 10, channels: 3 } }).png().toFile(image);
});
afterAll(() => {
  jobs.dispose();
  rmSync(folder, { recursive: true });
});

const side = 8;
const conv = (g: GraphBuilder, x: string, channels: number) => g.add("Relu", [g.add("Conv", [x, g.constant(smooth([4, channels, 3, 3], 3))], { pads: [1, 1, 1, 1] })]);
const head = (g: GraphBuilder, x: string, classes: number) => g.add("MatMul", [g.add("Flatten", [g.add("GlobalAveragePool", [x])], { axis: 1 }), g.constant(smooth([4, classes], 5))]);

/** Writes a model over `shape` beside what describes it. */
function write(name: string, shape: readonly number[], build: (g: GraphBuilder, x: string) => string, channels: "rgb" | "gray" = "rgb"): string {
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, emitOnnx(graphOf([smooth(shape, 1)], (g, x) => [build(g, x!)]), (file) => file));
  const one = channels === "gray" ? [0.5] : [0.5, 0.5, 0.5];
  writeFileSync(join(folder, `${name}.whylight.json`), JSON.stringify({ preprocess: { resize: "exact", size: [side, side], channels, mean: one, std: one } }));
  return path;
}

const report = async (model: string, over: { readonly label?: number } = {}) => {
  const { predictions, classCount } = await jobs.predict({ model, input: image, top: 9, runtime: "onnxruntime" });
  const made = await jobs.debugImage({ model, input: image, label: over.label ?? predictions.at(-1)!.index, labelFrom: "given", integrated: { steps: 8 }, runtime: "onnxruntime" });
  expect(made.classCount).toBe(classCount);
  expect(made.predicted).toMatchObject(predictions[0]!);
  const numbers = [...made.variants.flatMap((variant) => [variant.confidence, variant.predictedProbability, variant.trueProbability]), made.entropy.share, made.overlap.iou, ...Object.values(made.focus.predicted).filter((value) => typeof value === "number")];
  expect(numbers.filter((number) => !(number >= 0 && number <= 1 + 1e-9))).toEqual([]);
  for (const format of ["html", "markdown", "json", "text"] as const) expect((await jobs.exportDebug({ report: made, format, name: "x", strings: {} })).files[0]!.bytes.length).toBeGreaterThan(500);
  return made;
};

const maps = (made: Awaited<ReturnType<typeof report>>) => made.maps.map(({ id }) => id);
const all = ["grad-cam/predicted", "grad-cam/true", "grad-cam/contrast", "integrated-gradients/predicted", "integrated-gradients/true"];

describe("a report", () => {
  it("of a file fixed to one image is the same as of one that takes several", async () => {
    const free = await report(write("free", [1, 3, side, side], (g, x) => head(g, conv(g, x, 3), 3)));
    const fixed = await report(write("fixed", [1, 3, side, side], (g, x) => g.add("Reshape", [head(g, conv(g, x, 3), 3), g.ints([1, 3])])));
    expect([maps(free), maps(fixed)]).toEqual([all, all]);
    const shares = (made: typeof free) => made.variants.map(({ trueProbability }) => trueProbability);
    shares(fixed).forEach((share, i) => expect(share).toBeCloseTo(shares(free)[i]!, 5));
  });

  it("of channels last has maps of the same picture", async () => {
    const first = await report(write("first", [1, 3, side, side], (g, x) => head(g, conv(g, x, 3), 3)));
    const last = await report(write("last", [1, side, side, 3], (g, x) => head(g, conv(g, g.add("Transpose", [x], { perm: [0, 3, 1, 2] }), 3), 3)));
    expect(maps(last)).toEqual(all);
    expect(last.focus.predicted.regionMass).toBeCloseTo(first.focus.predicted.regionMass, 4);
    expect(last.variants.find(({ id }) => id === "mask-hot")?.trueProbability).toBeCloseTo(first.variants.find(({ id }) => id === "mask-hot")!.trueProbability, 5);
  });

  it("of gray pictures tries no other order of channels", async () => {
    const made = await report(write("gray", [1, 1, side, side], (g, x) => head(g, conv(g, x, 1), 3), "gray"));
    expect(maps(made)).toEqual(all);
    expect(made.variants.filter(({ id }) => id.includes("channels"))).toEqual([]);
  });

  it("of a single output holds it against nothing", async () => {
    const made = await report(write("single", [1, 3, side, side], (g, x) => head(g, conv(g, x, 3), 1)));
    expect([made.isMistake, maps(made), made.predictions.length]).toEqual([false, ["grad-cam/predicted", "integrated-gradients/predicted"], 1]);
    expect([made.causes, made.margin]).toEqual([[], { probability: 0, logit: 0 }]);
  });

  it("without a layer on a grid takes Integrated Gradients for where it looks", async () => {
    const made = await report(write("flat", [1, 3, side, side], (g, x) => g.add("MatMul", [g.add("Flatten", [x], { axis: 1 }), g.constant(smooth([3 * side * side, 3], 7))])));
    expect(maps(made)).toEqual(["integrated-gradients/predicted", "integrated-gradients/true", "integrated-gradients/contrast"]);
    expect(made.focus.predicted.regionMass).toBeGreaterThan(0);
    expect(made.variants.some(({ family }) => family === "mask")).toBe(true);
  });

  it("of a right prediction holds it against the runner-up, and has no causes", async () => {
    const model = write("right", [1, 3, side, side], (g, x) => head(g, conv(g, x, 3), 3));
    const { predictions } = await jobs.predict({ model, input: image, top: 3, runtime: "onnxruntime" });
    const made = await report(model, { label: predictions[0]!.index });
    expect([made.isMistake, made.causes, maps(made)]).toEqual([false, [], ["grad-cam/predicted", "grad-cam/contrast", "integrated-gradients/predicted"]]);
    expect(made.maps[1]!.explanation.versus?.index).toBe(predictions[1]!.index);
    expect(made.focus.true).toEqual(made.focus.predicted);
  });

  it("says what is wrong with what was asked", async () => {
    const model = write("asked", [1, 3, side, side], (g, x) => head(g, conv(g, x, 3), 3));
    const fails = (over: object) => expect(jobs.debugImage({ model, input: image, label: 0, labelFrom: "given", runtime: "onnxruntime", ...over })).rejects;
    await fails({ label: 3 }).toMatchObject({ code: "targetUnknown", data: { target: 3, classes: 3 } });
    await fails({ label: "pug" }).toMatchObject({ code: "targetUnknown" });
    await fails({ expected: -1 }).toMatchObject({ code: "targetUnknown" });
    await fails({ input: join(folder, "none.png") }).toMatchObject({ code: "inputNotFound" });
    await fails({ input: join(folder, "x.safetensors") }).toMatchObject({ code: "inputInvalid" });
    await fails({ among: join(folder, "nowhere") }).toMatchObject({ code: "folderEmpty" });
  });

  it("can be stopped, and tells how far it is", async () => {
    const model = write("stopped", [1, 3, side, side], (g, x) => head(g, conv(g, x, 3), 3));
    const controller = new AbortController();
    const seen: number[] = [];
    const running = jobs.debugImage({ model, input: image, label: 0, labelFrom: "given", runtime: "onnxruntime" }, {
      signal: controller.signal,
      onProgress: (_, done, total) => {
        seen.push(done / total);
        if (done / total >= 0.3) controller.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThan(0.9);
  });
});
