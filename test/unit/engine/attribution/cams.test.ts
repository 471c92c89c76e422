/** @file The CAM family against its definitions, written a second time: activations and finite differences of the model cut at the layer, in float64. */
import { describe, expect, it } from "vitest";
import type { AttributeJob } from "../../../../src/engine/attribution/attribute.js";
import type { MethodName } from "../../../../src/engine/attribution/methods.js";
import { prepare } from "../../../../src/engine/attribution/prepare.js";
import { classifierOf } from "../../../../src/engine/attribution/classifier.js";
import { firstComponent } from "../../../../src/engine/attribution/cams/principal.js";
import type { Graph } from "../../../../src/engine/ir/graph.js";
import { float32, toNumbers } from "../../../../src/engine/ir/tensor.js";
import { evaluate64 } from "../smallGraph.js";
import { cutModels, parts, wholeModel, type CutModel } from "./camModels.js";
import { explain, head, image, model, target } from "./smallClassifiers.js";

type Matrix = readonly (readonly number[])[];

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const relu = (value: number) => Math.max(0, value);
const classIndex = 1;

/** Activation and gradient of class 1's logit, `[channel][place]`, the gradient by central differences. */
function atLayer(cut: CutModel): { readonly A: Matrix; readonly g: Matrix; readonly score: number } {
  const { values, logits } = parts(cut);
  const step = 1e-5;
  const slope = (i: number) => {
    const moved = (by: number) => logits(values.map((value, k) => (k === i ? value + by : value)))[classIndex]!;
    return (moved(step) - moved(-step)) / (2 * step);
  };
  const places = cut.grid[0] * cut.grid[1];
  const of = (read: (i: number) => number) => Array.from({ length: cut.channels }, (_, c) => Array.from({ length: places }, (_, p) => read(cut.at(c, p))));
  return { A: of((i) => values[i]!), g: of(slope), score: logits(values)[classIndex]! };
}

/** `sum over c of w(c) A(c)`. */
const weightedBy = (A: Matrix, w: readonly number[]): number[] => A[0]!.map((_, p) => sum(A.map((row, c) => w[c]! * row[p]!)));
const elementwise = (A: Matrix, g: Matrix, f: (g: number, a: number) => number): number[] => A[0]!.map((_, p) => sum(A.map((row, c) => f(g[c]![p]!, row[p]!))));

type Definition = (A: Matrix, g: Matrix, score: number) => number[];

const definitions: readonly (readonly [MethodName, AttributeJob["parameters"], Definition])[] = [
  ["grad-cam", {}, (A, g) => weightedBy(A, g.map((row) => sum([...row]) / row.length))],
  ["layer-cam", {}, (A, g) => elementwise(A, g, (slope, a) => relu(slope) * a)],
  ["hires-cam", {}, (A, g) => elementwise(A, g, (slope, a) => slope * a)],
  ["grad-cam-elementwise", {}, (A, g) => elementwise(A, g, (slope, a) => relu(slope * a))],
  ...([["pytorch-grad-cam", 1e-7], ["torchcam", 1e-8]] as const).map(([variant, eps]): (typeof definitions)[number] => [
    "xgrad-cam", { variant }, (A, g) => weightedBy(A, A.map((row, c) => sum(row.map((a, p) => a * g[c]![p]!)) / (sum([...row]) + eps))),
  ]),
  ["grad-cam++", {}, (A, g) => weightedBy(A, g.map((row, c) => sum(row.map((s) => (s === 0 ? 0 : (relu(s) * s * s) / (2 * s * s + s * s * s * sum([...A[c]!]) + 1e-6))))))],
  ["grad-cam++", { variant: "torchcam" }, (A, g) => weightedBy(A, g.map((row, c) => {
    const joint = sum(row.map((s, p) => s ** 3 * A[c]![p]!));
    return sum(row.map((s) => (s === 0 ? 0 : (relu(s) * s * s) / (2 * s * s + joint + 1e-8))));
  }))],
  ["grad-cam++", { variant: "torchcam-as-run" }, (A, g) => weightedBy(A, g.map((row) => sum(row.map((s) => s * s * relu(s)))))],
  ["grad-cam++", { variant: "xplique" }, (A, g) => weightedBy(A, g.map((row, c) => sum(row.map((s) => (s === 0 ? 0 : (relu(s) * s * s) / (2 * s * s + s ** 3 * (sum([...A[c]!]) / row.length))))) / row.length))],
  ["grad-cam++", { variant: "tf-keras-vis" }, (A, g, score) => weightedBy(A, g.map((row, c) => {
    const [first, second, third] = [1, 2, 3].map((power) => row.map((s) => Math.exp(score) * s ** power)) as [number[], number[], number[]];
    const alpha = second.map((value, p) => (value === 0 ? 0 : value / (2 * value + third[p]! * sum([...A[c]!]))));
    return sum(alpha.map((a, p) => relu(first[p]!) * (a / (sum(alpha) || 1))));
  }))],
  ["eigen-cam", {}, (A) => principal(A)],
  ["eigen-grad-cam", {}, (A, g) => principal(A.map((row, c) => row.map((a, p) => a * g[c]![p]!)))],
  ["eigen-grad-cam", { gradient: "absolute" }, (A, g) => principal(A.map((row, c) => row.map((a, p) => a * Math.abs(g[c]![p]!))))],
];

/** The first principal component by Jacobi's rotations of the channels' covariance; the larger extreme positive. */
function principal(rows: Matrix): number[] {
  const centred = rows.map((row) => row.map((value) => value - sum([...row]) / row.length));
  const n = rows.length;
  const a = centred.map((x) => centred.map((y) => sum(x.map((value, p) => value * y[p]!))));
  const v = a.map((_, i) => a.map((__, k) => Number(i === k)));
  for (let sweep = 0; sweep < 60; sweep++) for (let i = 0; i < n; i++) for (let k = i + 1; k < n; k++) {
    if (Math.abs(a[i]![k]!) < 1e-300) continue;
    const theta = 0.5 * Math.atan2(2 * a[i]![k]!, a[i]![i]! - a[k]![k]!);
    const [cos, sin] = [Math.cos(theta), Math.sin(theta)];
    const turn = (x: number, y: number): [number, number] => [cos * x + sin * y, cos * y - sin * x];
    for (const row of [...a, ...v]) [row[i], row[k]] = turn(row[i]!, row[k]!);
    for (let m = 0; m < n; m++) [a[i]![m], a[k]![m]] = turn(a[i]![m]!, a[k]![m]!);
  }
  const top = a.map((row, i) => row[i]!).reduce((best, value, i, all) => (value > all[best]! ? i : best), 0);
  const projected = centred[0]!.map((_, p) => sum(centred.map((row, c) => row[p]! * v[c]![top]!)));
  return -Math.min(...projected) > Math.max(...projected) ? projected.map((value) => -value) : projected;
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  expect(scale).toBeGreaterThan(0);
  expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!))) / scale).toBeLessThan(tolerance);
}

const preparedLayers = (graph: Graph) => prepare(classifierOf(graph), image.shape).layers.map(({ name }) => name);

const explainAt = (cut: CutModel, method: MethodName, parameters: AttributeJob["parameters"] = {}, more: Partial<AttributeJob> = {}) => {
  const { graph, layer } = wholeModel(cut);
  return explain(graph, { method, parameters, input: cut.input, target: target(classIndex), layers: [layer], ...more });
};

describe.each(["map", "tokens", "windows"] as const)("a layer of %s", (name) => {
  const cut = cutModels[name];
  const { A, g, score } = atLayer(cut);

  it.each(definitions)("%s %o", async (method, parameters, definition) => {
    const found = await explainAt(cut, method, parameters);
    expect(found.attribution.shape).toEqual(cut.grid);
    expectClose(found.attribution.data, definition(A, g, score));
  });

  it("Ablation-CAM is what the score loses, channel by channel", async () => {
    const { values, logits } = parts(cut);
    const places = values.length / cut.channels;
    const isOf = (c: number) => (i: number) => (name === "map" ? Math.floor(i / places) === c : i % cut.channels === c);
    const without = (c: number) => logits(values.map((value, i) => (isOf(c)(i) ? 0 : value)))[classIndex]!;
    const expected = weightedBy(A, A.map((_, c) => (score - without(c)) / score));
    const found = await explainAt(cut, "ablation-cam");
    expectClose(found.attribution.data, expected);
    expect(found.remarks.some(({ code }) => code === "negativeScore")).toBe(score < 0);
    // One image at a time gives the same.
    expect((await explainAt(cut, "ablation-cam", {}, { memory: 1 })).attribution.data).toEqual(found.attribution.data);
  });

  it("Score-CAM is a softmax of the scores of the image seen through each channel", async () => {
    const { graph } = wholeModel(cut);
    const [height, width] = cut.input.shape.slice(2) as [number, number];
    const x = toNumbers(cut.input);
    const masked = (channel: readonly number[]) => {
      const mask = upsampled(channel, cut.grid, [height, width]);
      const [low, high] = [Math.min(...mask), Math.max(...mask)];
      const through = x.map((value, i) => value * ((mask[i % (height * width)]! - low) / (high - low + 1e-8)));
      return toNumbers(evaluate64(graph, [float32(cut.input.shape, through)])["scores"]!)[classIndex]!;
    };
    const powers = A.map((channel) => Math.exp(masked(channel)));
    expectClose((await explainAt(cut, "score-cam")).attribution.data, weightedBy(A, powers.map((power) => power / sum(powers))));

    const variance = A.map((row) => sum(row.map((a) => (a - sum([...row]) / row.length) ** 2)));
    const chosen = variance.map((_, c) => c).sort((a, b) => variance[b]! - variance[a]!).slice(0, 2);
    const total = sum(chosen.map((c) => powers[c]!));
    const found = await explainAt(cut, "score-cam", { channels: 2 });
    expectClose(found.attribution.data, weightedBy(A, powers.map((power, c) => (chosen.includes(c) ? power / total : 0))));
    expect(found.facts["channels"]).toBe(`2 of ${cut.channels}`);
  });
});

/** Bilinear with corners aligned, as a sum of hats. */
function upsampled(values: readonly number[], [h, w]: readonly [number, number], [height, width]: readonly [number, number]): number[] {
  const hat = (distance: number) => relu(1 - Math.abs(distance));
  return Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [(Math.floor(i / width) * (h - 1)) / (height - 1), ((i % width) * (w - 1)) / (width - 1)];
    return sum(values.map((value, k) => value * hat(y - Math.floor(k / w)) * hat(x - (k % w))));
  });
}

describe("cost", () => {
  it("Score-CAM evaluates all constant channels once, Ablation-CAM leaves out channels that are zero", async () => {
    // Of five channels two are the same everywhere, of which one is 0: three masks and the empty image; four ablations. Each also looks at the image itself.
    const score = await explainAt(cutModels.map, "score-cam");
    expect(score.evaluations).toEqual({ forward: 1 + 3 + 1, gradient: 0 });
    const ablation = await explainAt(cutModels.map, "ablation-cam");
    expect(ablation.evaluations).toEqual({ forward: 2 + 4, gradient: 0 });
    expect((await explainAt(cutModels.map, "eigen-cam")).evaluations).toEqual({ forward: 1, gradient: 0 });
    expect((await explainAt(cutModels.map, "layer-cam")).evaluations).toEqual({ forward: 0, gradient: 1 });
  });

  it.each(["score-cam", "ablation-cam"] as const)("%s tells its progress with a true total", async (method) => {
    const seen: [number, number][] = [];
    await explainAt(cutModels.map, method, {}, { memory: 1, report: (done, total) => seen.push([done, total]) });
    expect(seen).toEqual([0, 1, 2, 3, 4].map((done) => [done, 4]));
  });

  it("takes one image at a time where the file fixes their number", () => {
    const atOnce = (cut: CutModel) => prepare(classifierOf(wholeModel(cut).graph), cut.input.shape).atOnce(8);
    expect([atOnce(cutModels.map), atOnce(cutModels.windows), atOnce(cutModels.tokens)]).toEqual([8, 8, 1]);
  });
});

describe("blank maps say why", () => {
  const against = float32([2, 2], [-1, -1, 1, 1]);
  const graph = model((builder, x) => head(builder, builder.rename(builder.add("Relu", [builder.rename(builder.add("Exp", [x]), "first")]), "second"), against));
  const codes = async (job: Partial<AttributeJob>, of = graph) => (await explain(of, { target: target(0), ...job })).remarks.map(({ code }) => code);
  const layers = preparedLayers(graph);

  it("several layers of which none speaks for the class", async () => {
    expect(layers).toHaveLength(2);
    expect(await codes({ method: "grad-cam", layers })).toEqual(["allNegativeCam"]);
    expect(await codes({ method: "grad-cam", layers, target: target(1) })).toEqual([]);
  });

  it("a layer that is the same everywhere has no principal component", async () => {
    const flat = model((builder, x) => head(builder, builder.add("Sigmoid", [builder.add("Mul", [x, builder.scalar(0)])]), against));
    expect(await codes({ method: "eigen-cam", layers: preparedLayers(flat).slice(-1) }, flat)).toEqual(["blankMap"]);
  });
});

describe("the default layer", () => {
  it.each(["tokens", "windows"] as const)("of %s is the normalised input of the attention", (name) => {
    const { graph, layer } = wholeModel(cutModels[name]);
    expect(prepare(classifierOf(graph), cutModels[name].input.shape).defaultLayer).toMatchObject({ name: layer, op: "LayerNormalization" });
  });
});

describe("the first principal component", () => {
  /** Cosines are orthonormal and, but the first, have the mean 0, so a sum of such products has a known decomposition. */
  const cosine = (k: number, size: number) => Array.from({ length: size }, (_, i) => Math.sqrt(2 / size) * Math.cos((Math.PI * k * (i + 0.5)) / size));
  const map = (places: number, channels: number, sigmas: readonly number[], offset = 0) => {
    const parts64 = sigmas.map((sigma, k) => [sigma, cosine(k + 1, places), cosine(k + 2, channels)] as const);
    const data = Float64Array.from({ length: places * channels }, (_, i) => offset * Math.floor(i / places) + sum(parts64.map(([sigma, u, v]) => sigma * u[i % places]! * v[Math.floor(i / places)]!)));
    return { channels, grid: [1, places] as const, data: data as unknown as Float32Array };
  };
  /** A cosine's extremes are equal in size for odd k: then either sign is right. */
  const upToSign = (found: Float32Array, expected: readonly number[]) => expectClose(found, Math.sign(found[0]!) === Math.sign(expected[0]!) ? expected : expected.map((value) => -value), 1e-6);

  it.each([[49, 64, [3, 2, 1]], [64, 9, [1, 0.999, 0.998]], [300, 40, [1, 0.9999, 0.5, 0.1]], [2, 5, [4]]] as const)("of %i places and %i channels with singular values %o", (places, channels, sigmas) => {
    upToSign(firstComponent(map(places, channels, sigmas, 10)), cosine(1, places).map((value) => sigmas[0] * value));
  });

  it("is 0 where nothing varies", () => {
    expect([...firstComponent({ channels: 2, grid: [1, 3], data: Float32Array.of(5, 5, 5, -1, -1, -1) })]).toEqual([0, 0, 0]);
  });

  it("is turned so that the larger extreme is positive", () => {
    expectClose(firstComponent({ channels: 1, grid: [1, 3], data: Float32Array.of(0, 0, -3) }), [-1, -1, 2]);
    expectClose(firstComponent({ channels: 1, grid: [1, 3], data: Float32Array.of(0, 0, 3) }), [-1, -1, 2]);
  });
});
