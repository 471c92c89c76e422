/** @file Steps chosen by the path: the gap and the map it stops at, against integrals found by going slowly. */
import { describe, expect, it } from "vitest";
import { attribute, type Attribution } from "../../../../../src/engine/attribution/attribute.js";
import { classifierOf } from "../../../../../src/engine/attribution/classifier.js";
import type { GivenParameters } from "../../../../../src/engine/attribution/parameters.js";
import { prepare } from "../../../../../src/engine/attribution/prepare.js";
import { importOnnx } from "../../../../../src/engine/importers/onnx/importOnnx.js";
import { readSafetensors } from "../../../../../src/engine/importers/safetensors.js";
import { toNumbers } from "../../../../../src/engine/ir/tensor.js";
import type { Program } from "../../../../../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../../../../../src/runtimes/onnxruntime.js";
import { openFile } from "../../../../oracle/fileSource.js";
import { smooth } from "../../numbers.js";
import { explain, model, target } from "../smallClassifiers.js";
import { given, linear, quadratic, relativeError, reluModel, row, size, smoothModel, sum, x } from "./models.js";

const far = toNumbers(smooth([size], 6, -3, 3));
const auto = (graph: typeof linear, parameters: GivenParameters = {}, more: Parameters<typeof explain>[1] = {}) =>
  explain(graph, { method: "integrated-gradients", parameters: { steps: "auto", baseline: given(far), ...parameters }, ...more });
/** The sum of |a - b| as a share of the sum of |b|. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => sum(Array.from(a, (value, i) => Math.abs(value - b[i]!))) / sum(Array.from(b, Math.abs));
const converged = async (graph: typeof linear) => (await explain(graph, { method: "integrated-gradients", parameters: { steps: 2000, rule: "riemann-middle", baseline: given(far) } })).attribution.data;

describe("steps=auto", () => {
  it.each([["curved", smoothModel], ["of ReLUs", reluModel]])("on a network %s brings gap and map within bounds", async (_, graph) => {
    const truth = await converged(graph);
    for (const tolerance of [0.05, 0.01, 0.002]) {
      const { completeness, attribution, facts, remarks, evaluations } = await auto(graph, { tolerance, change: tolerance });
      expect(remarks).toEqual([]);
      expect(Math.abs(completeness!.relative)).toBeLessThanOrEqual(tolerance);
      // The gap is what the sum of this very map misses.
      expect(sum(attribution.data) - completeness!.gap).toBeCloseTo(sum(truth), 2);
      expect(evaluations.gradient).toBe(facts["steps"]);
      expect(distance(attribution.data, truth)).toBeLessThan(3 * tolerance);
    }
  });

  it.each([80, 400, 2000])("looks closer where the path bends: one bend, %i times as steep as the path, costs few steps", async (steepness) => {
    const bend = model((graph, name) => {
      const side = graph.add("Gemm", [graph.add("Flatten", [name], { axis: 1 }), graph.constant({ ...linearWeights })], { transB: 1 });
      return graph.add("Tanh", [graph.add("Mul", [side, graph.scalar(steepness)])]);
    });
    const { facts, completeness } = await auto(bend, { "max-steps": 1000 });
    const even = await Promise.all([Number(facts["steps"])].map((steps) => explain(bend, { method: "integrated-gradients", parameters: { steps, rule: "trapezoid", baseline: given(far) } })));
    expect(Math.abs(completeness!.relative)).toBeLessThan(0.01);
    expect(Math.abs(even[0]!.completeness!.relative)).toBeGreaterThan(5 * Math.abs(completeness!.relative));
  });

  it("of a linear or quadratic score is exact as soon as a second look changes nothing", async () => {
    const { attribution, facts } = await auto(linear);
    expect(relativeError(attribution.data, row(0).map((w, i) => w * (x[i]! - far[i]!)))).toBeLessThan(1e-5);
    expect(facts["steps"]).toBe(11);
    expect(relativeError((await auto(quadratic)).attribution.data, row(0).map((w, i) => w * (x[i]! ** 2 - far[i]! ** 2)))).toBeLessThan(1e-5);
  });

  it("says what is missing where max-steps comes first", async () => {
    const { remarks, facts, completeness } = await auto(reluModel, { tolerance: 0, "max-steps": 16 });
    expect(facts["steps"]).toBe(16);
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatchObject({ code: "toleranceNotReached", data: { steps: 16 } });
    expect(Number.parseFloat(String(remarks[0]!.data["gap"]))).toBeCloseTo(100 * Math.abs(completeness!.relative), 1);
    const moving = await auto(reluModel, { tolerance: 1, change: 0, "max-steps": 16 });
    expect(moving.remarks).toMatchObject([{ code: "mapNotSettled", data: { steps: 16 } }]);
  });

  it("does not take a gap small by luck for a map that stands still", async () => {
    // Odd about the middle of the path: the trapezoid's sum is right at any number of even steps, its map is not.
    const odd = model((graph, name) => graph.add("Gemm", [graph.add("Sin", [graph.add("Mul", [graph.add("Flatten", [name], { axis: 1 }), graph.scalar(9)])]), graph.constant(linearWeights)], { transB: 1 }));
    const opposite = x.map((value) => -value);
    const found = await auto(odd, { baseline: given(opposite) });
    const truth = (await explain(odd, { method: "integrated-gradients", parameters: { steps: 2000, rule: "riemann-middle", baseline: given(opposite) } })).attribution.data;
    expect(distance(found.attribution.data, truth)).toBeLessThan(0.1);
  });

  it("measures against the scores' size where they do not differ, and says so", async () => {
    // An even score: equal at x and -x.
    const even = model((graph, name) => graph.add("Gemm", [graph.add("Mul", [graph.add("Flatten", [name], { axis: 1 }), graph.add("Flatten", [name], { axis: 1 })]), graph.constant(linearWeights)], { transB: 1 }));
    const { facts, remarks, completeness } = await auto(even, { baseline: given(x.map((value) => -value)) });
    const score = row(0).reduce((total, w, i) => total + w * x[i]! ** 2, 0);
    expect(remarks).toEqual([]);
    expect(facts["tolerance-of"]).toBeCloseTo(1e-3 * Math.abs(score), 6);
    expect(Math.abs(completeness!.gap)).toBeLessThan(0.01 * 1e-3 * Math.abs(score));
  });

  it("serves several baselines, each by its own steps", async () => {
    const list = [given(far), given(x.map((value) => value + 0.01))] as const;
    const each = await Promise.all(list.map((baseline) => auto(reluModel, { baseline })));
    const all = await auto(reluModel, { baseline: list });
    expect(all.facts["steps"]).toBe(each.reduce((total, { facts }) => total + Number(facts["steps"]), 0));
    expect(relativeError(all.attribution.data, Array.from({ length: size }, (_, i) => (each[0]!.attribution.data[i]! + each[1]!.attribution.data[i]!) / 2))).toBeLessThan(1e-5);
  });

  it.each([1, 3])("leaves out an end where the slope runs away: zeros, divided by their norm %i times", async (times) => {
    // The score jumps within 1e-18 of the baseline, and behind three normalisations the gradient there is beyond float32's numbers.
    const normalised = model((graph, name) => {
      let value = graph.add("Flatten", [name], { axis: 1 });
      for (let i = 0; i < times; i++) {
        const norm = graph.add("Sqrt", [graph.add("Add", [graph.add("ReduceSum", [graph.add("Mul", [value, value]), graph.ints([1])], { keepdims: 1 }), graph.scalar(1e-37)])]);
        value = graph.add("Div", [value, norm]);
      }
      return graph.add("Gemm", [value, graph.constant(linearWeights)], { transB: 1 });
    });
    const { attribution, completeness, remarks, facts } = await auto(normalised, { baseline: given(x.map(() => 0)) });
    expect(facts["rule"]).toBe("adaptive Simpson");
    expect(attribution.data.every(Number.isFinite)).toBe(true);
    // What is left is the jump itself, and it is said.
    expect(Math.abs(completeness!.relative)).toBeLessThan(1.1);
    expect(remarks).toMatchObject([{ code: "toleranceNotReached" }]);
  });

  it("shows the map so far", async () => {
    const shown: Attribution[] = [];
    const { attribution } = await auto(reluModel, {}, { report: (_done, _total, partial) => { if (partial) shown.push(partial()); } });
    expect(shown.length).toBeGreaterThan(0);
    expect(distance(shown.at(-1)!.attribution.data, attribution.data)).toBeLessThan(0.5);
  });
});

const linearWeights = { dtype: "float32", shape: [1, size], data: Float32Array.from(row(0)) } as const;

/** Baselines recorded beside the reference models, in their image x0's files. */
const baselines = ["zeros", "ones", "random", "blurred", "black"];

describe("on recorded models", async () => {
  const runtime = await onnxruntimeRuntime("onnxruntime", { threads: 1 });
  const found = await Promise.all(["cnn_mnistlike", "resnet_tiny", "vit_tiny"].map(async (name) => {
    const at = (file: string) => new URL(`../../../../fixtures/reference/${name}/${file}`, import.meta.url).pathname;
    const source = openFile(at("model.onnx"));
    const arrays = readSafetensors(openFile(at("reference.safetensors")));
    const classifier = classifierOf(importOnnx(source).graph);
    const input = arrays.get("x0")!;
    const prepared = prepare(classifier, input.shape);
    const programs = new Map<string, Promise<Program>>();
    const run = (parameters: GivenParameters) => attribute({
      classifier, input, method: "integrated-gradients", target: target("predicted"), layers: [], parameters,
      compile: (key, build) => {
        const program = programs.get(key) ?? runtime.compile(build(), source.readRange);
        programs.set(key, program);
        return program;
      },
    }, prepared);
    const rows = [];
    for (const baseline of baselines.map((word) => arrays.get(`x0/baseline/${word}`)!)) {
      const values = { shape: baseline.shape, data: baseline.data as Float32Array };
      const automatic = await run({ steps: "auto", baseline: values });
      const truth = await run({ steps: 600, rule: "riemann-middle", baseline: values });
      const fixed = await run({ steps: Number(automatic.facts["steps"]), baseline: values });
      rows.push({ name, rule: automatic.facts["rule"], gap: Math.abs(automatic.completeness!.relative), evaluations: automatic.evaluations.gradient, error: distance(automatic.attribution.data, truth.attribution.data), fixedError: distance(fixed.attribution.data, truth.attribution.data) });
    }
    return rows;
  }));
  const rows = found.flat();
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

  it("every gap is at most 1 %, by fewer gradients than Captum's 50", () => {
    for (const { gap, evaluations } of rows) {
      expect(gap).toBeLessThanOrEqual(0.01);
      expect(evaluations).toBeLessThan(50);
    }
    expect(median(rows.map(({ evaluations }) => evaluations))).toBeLessThanOrEqual(25);
  });

  it("on a smooth network, by Simpson's rule, the map is within 2 % of the converged one", () => {
    const smoothRows = rows.filter(({ name }) => name === "vit_tiny");
    expect(smoothRows).toHaveLength(baselines.length);
    for (const { rule, error } of smoothRows) {
      expect(rule).toBe("adaptive Simpson");
      expect(error).toBeLessThan(0.02);
    }
    expect(median(smoothRows.map(({ error }) => error))).toBeLessThan(0.002);
  });

  it("on ReLU networks the map is nearer to the converged one than Gauss-Legendre's of as many gradients", () => {
    const relu = rows.filter(({ rule }) => rule === "adaptive trapezoid");
    expect(relu).toHaveLength(2 * baselines.length);
    expect(median(relu.map(({ error, fixedError }) => error / fixedError))).toBeLessThan(1);
    for (const { error } of rows) expect(error).toBeLessThan(0.08);
  });
});
