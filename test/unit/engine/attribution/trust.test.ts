/** @file The trust tests against hands and brute force: ranks, curves of a linear model, random weights, and a map that looks at no weights at all. */
import { describe, expect, it, vi } from "vitest";
import { classifierOf } from "../../../../src/engine/attribution/classifier.js";
import { createContext } from "../../../../src/engine/attribution/context.js";
import type { Method } from "../../../../src/engine/attribution/method.js";
import { methodOf, type MethodName } from "../../../../src/engine/attribution/methods.js";
import type { PlainTensor } from "../../../../src/engine/attribution/parameters.js";
import { prepare } from "../../../../src/engine/attribution/prepare.js";
import { averageTo, coarseCorrelation, comparisonGrid } from "../../../../src/engine/attribution/trust/coarse.js";
import { curvesOf, placesByChance, placesByMap } from "../../../../src/engine/attribution/trust/curves.js";
import type { TrustJob } from "../../../../src/engine/attribution/trust/environment.js";
import { trustTests, type TrustFinding, type TrustTest } from "../../../../src/engine/attribution/trust/finding.js";
import { learnedWeights, stagesOf, withRandomWeights } from "../../../../src/engine/attribution/trust/randomWeights.js";
import { cheapParameters, readTrustSettings } from "../../../../src/engine/attribution/trust/settings.js";
import { examineTrust } from "../../../../src/engine/attribution/trust/trust.js";
import { isInMemory, type Graph } from "../../../../src/engine/ir/graph.js";
import { float32, toNumbers, type Tensor } from "../../../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../../../src/engine/reference/referenceRuntime.js";
import { noFile } from "../smallGraph.js";
import { head, model, target, weights } from "./smallClassifiers.js";

/** A map that sees the image's edges and nothing of the model, as methods that fail the test of random weights are suspected to. */
const edges: Method = {
  family: "gradient", form: "grid", layers: "none", drawn: "max-abs", parameters: {},
  run: async (context) => {
    await context.atInput();
    const [, , height, width] = context.input.shape as readonly [number, number, number, number];
    const data = Float32Array.from({ length: height * width }, (_, p) => Math.abs(context.x[p]! - (context.x[p % width === width - 1 ? p : p + 1] ?? 0)));
    return { attribution: { shape: [height, width], data } };
  },
};
vi.mock("../../../../src/engine/attribution/methods.js", async (original) => {
  const actual = await original<typeof import("../../../../src/engine/attribution/methods.js")>();
  return { ...actual, methodOf: (name: string) => (name === "edges" ? edges : actual.methodOf(name as MethodName)) };
});

const map = (rows: number, columns: number, values: readonly number[]): PlainTensor => ({ shape: [rows, columns], data: Float32Array.from(values) });
const noise = (count: number, seed: number) => toNumbers(weights([count], seed));

describe("maps on a coarse grid", () => {
  it.each([[6, 4, 3, 2], [5, 7, 3, 4], [14, 15, 14, 14], [3, 3, 3, 3]])("%d x %d to %d x %d are means over areas", (height, width, rows, columns) => {
    const data = noise(height * width, 3);
    // Every pixel repeated until cells hold whole numbers of them.
    const expected = Array.from({ length: rows * columns }, (_, cell) => {
      let total = 0;
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) total += data[Math.floor((Math.floor(cell / columns) * height + y) / rows) * width + Math.floor(((cell % columns) * width + x) / columns)]!;
      return total / (height * width);
    });
    averageTo(map(height, width, data), [rows, columns]).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  });

  it("are as fine as the map itself, and 14 x 14 at most", () => {
    expect(comparisonGrid({ shape: [7, 9] }, [224, 224])).toEqual([7, 9]);
    expect(comparisonGrid({ shape: [56, 56] }, [224, 224])).toEqual([14, 14]);
    expect(comparisonGrid({ shape: [1, 3, 10, 224] }, [10, 224])).toEqual([10, 14]);
  });

  it("correlate as ranks by counting do, ties included", () => {
    const [a, b] = [noise(25, 1).map((value) => Math.max(0, Math.round(value * 4))), noise(25, 2).map((value) => Math.round(value * 3))];
    const ranks = (values: readonly number[]) => values.map((value) => values.filter((other) => other < value).length + (values.filter((other) => other === value).length + 1) / 2);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const covariance = (p: readonly number[], q: readonly number[]) => mean(p.map((value, i) => value * q[i]!)) - mean(p) * mean(q);
    const [ra, rb] = [ranks(a), ranks(b)];
    const expected = covariance(ra, rb) / Math.sqrt(covariance(ra, ra) * covariance(rb, rb));
    expect(coarseCorrelation(map(5, 5, a), map(5, 5, b), [5, 5])).toBeCloseTo(expected, 10);
    expect(coarseCorrelation(map(5, 5, a), map(5, 5, a.map((value) => -(value ** 3))), [5, 5])).toBeCloseTo(-1, 10);
  });

  it("rank nothing where a map is constant or no number", () => {
    const other = map(3, 3, noise(9, 1));
    expect(coarseCorrelation(other, map(3, 3, new Array<number>(9).fill(0.1)), [2, 2])).toBeNull();
    expect(coarseCorrelation(map(3, 3, [Number.NaN, ...noise(8, 1)]), other, [3, 3])).toBeNull();
  });
});

/** Logits linear in the pixels of a `[1, 1, 4, 4]` image. */
const matrix = weights([3, 16], 7);
const picture = weights([1, 1, 4, 4], 9);
const linear = model((graph, x) => graph.add("Gemm", [graph.add("Flatten", [x], { axis: 1 }), graph.constant(matrix)], { transB: 1 }), picture);

describe("deletion and insertion", () => {
  const contextFor = (versus: number | undefined) => {
    const classifier = classifierOf(linear);
    return createContext({
      classifier, input: picture, prepared: prepare(classifier, picture.shape), target: target(1, { versus }), layers: [], pixels: { scale: 1, mean: [0], std: [1], layout: "NCHW" }, memory: 1e9,
      compile: (_, build) => referenceRuntime.compile(build(), noFile),
    });
  };
  const rows = [0, 1, 2].map((c) => toNumbers(matrix).slice(c * 16, c * 16 + 16));
  const fill = Float32Array.from(noise(16, 4));
  const order = [5, 0, 15, 7, 3, 9, 1, 14, 2, 8, 4, 13, 6, 12, 10, 11];
  const places = Int32Array.from({ length: 16 }, (_, pixel) => order.indexOf(pixel));
  const reversed = places.map((place) => 15 - place);
  const probability = (gone: ReadonlySet<number>, versus?: number) => {
    const logits = rows.map((row) => row.reduce((sum, w, i) => sum + w * (gone.has(i) ? fill[i]! : Number(picture.data[i])), 0));
    const among = versus === undefined ? [0, 1, 2] : [1, versus];
    return Math.exp(logits[1]!) / among.reduce((sum, c) => sum + Math.exp(logits[c]!), 0);
  };

  it.each([undefined, 2])("are the softmax of a linear model's partial sums, held against class %s", async (versus) => {
    const curves = await curvesOf(contextFor(versus), { map: places, random: () => reversed }, fill, 4, "softmax");
    const expected = {
      deletion: [0, 4, 8, 12, 16].map((count) => probability(new Set(order.slice(0, count)), versus)),
      insertion: [0, 4, 8, 12, 16].map((count) => probability(new Set(order.slice(count)), versus)),
      random: [0, 4, 8, 12, 16].map((count) => probability(new Set(order.slice(16 - count)), versus)),
    };
    for (const { name, shares, values, area } of curves) {
      const [a, b, c, d, e] = expected[name] as [number, number, number, number, number];
      expect(shares).toEqual([0, 0.25, 0.5, 0.75, 1]);
      values.forEach((value, k) => expect(value).toBeCloseTo(expected[name][k]!, 6));
      expect(area).toBeCloseTo((a / 2 + b + c + d + e / 2) / 4, 6);
    }
    expect(curves.map(({ name }) => name)).toEqual(["deletion", "insertion", "random"]);
  });

  it("take whole cells, the highest mean first", () => {
    const values = [1, 1, 9, 8, 1, 1, 9, 9, 5, 5, 0, 0, 5, 5, 0, 0];
    const taken = placesByMap(map(4, 4, values), [2, 2], 0);
    const cells = (from: number, to: number) => new Set([...taken.keys()].filter((pixel) => taken[pixel]! >= from && taken[pixel]! < to));
    expect([cells(0, 4), cells(4, 8), cells(8, 12), cells(12, 16)]).toEqual([new Set([2, 3, 6, 7]), new Set([8, 9, 12, 13]), new Set([0, 1, 4, 5]), new Set([10, 11, 14, 15])]);
  });

  it("take cells at random in another order per seed, each pixel once", () => {
    const [one, again, other] = [placesByChance([6, 6], [3, 3], 1), placesByChance([6, 6], [3, 3], 1), placesByChance([6, 6], [3, 3], 2)];
    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
    expect([...one].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 36 }, (_, i) => i));
    // The four pixels of a cell go together.
    expect(new Set([0, 1, 6, 7].map((pixel) => Math.floor(one[pixel]! / 4))).size).toBe(1);
  });
});

/** Three layers with a batch normalisation, a bias behind a transpose and a mask, on `[1, 1, 6, 6]`. */
const scene = weights([1, 1, 6, 6], 2);
const mask = float32([1, 4, 1, 1], [0, 1, 0, 1]);
const deep: Graph = model((graph, x) => {
  const first = graph.add("Relu", [graph.add("Conv", [x, graph.constant(weights([4, 1, 3, 3], 11)), graph.constant(weights([4], 12))], { pads: [1, 1, 1, 1] })]);
  const spread = float32([4], [0.5, 1, 2, 0.1]);
  const normal = graph.add("BatchNormalization", [first, graph.constant(weights([4], 13)), graph.constant(weights([4], 14)), graph.constant(weights([4], 15)), graph.constant(spread)]);
  const second = graph.add("Relu", [graph.add("Conv", [graph.add("Add", [normal, graph.constant(mask)]), graph.constant(weights([4, 4, 3, 3], 16))], { pads: [1, 1, 1, 1] })]);
  const rows = graph.add("Transpose", [graph.constant(weights([3, 4], 17))], { perm: [1, 0] });
  return graph.add("MatMul", [graph.add("Flatten", [graph.add("GlobalAveragePool", [second])], { axis: 1 }), rows]);
}, scene);

describe("random weights", () => {
  const found = learnedWeights(deep);
  const changed = (count: number, seed = 0) => {
    const graph = withRandomWeights(deep, found, count, noFile, seed);
    return [...deep.initializers].filter(([name, old]) => old !== graph.initializers.get(name)).map(([name]) => name);
  };
  const shapeOf = (name: string) => deep.initializers.get(name)!.shape.join("x");
  const values = (graph: Graph, name: string) => {
    const initializer = graph.initializers.get(name)!;
    if (!isInMemory(initializer)) throw new Error("not in memory");
    return toNumbers(initializer);
  };

  it("begin at the output: nothing below the first randomised layer changes, everything learned from it on does", () => {
    expect(found.layers.length).toBe(3);
    expect(changed(1).map(shapeOf)).toEqual(["3x4"]);
    expect(changed(2).map(shapeOf)).toEqual(["4x4x3x3", "3x4"]);
    expect(changed(3).map(shapeOf)).toEqual(["4x1x3x3", "4", "4", "4", "4", "4", "4x4x3x3", "3x4"]);
  });

  it("are a cascade: a later stage repeats the draws of an earlier one; another seed draws others", () => {
    const [top, all, other] = [withRandomWeights(deep, found, 1, noFile, 0), withRandomWeights(deep, found, 3, noFile, 0), withRandomWeights(deep, found, 3, noFile, 1)];
    const [name] = changed(1) as [string];
    expect(values(all, name)).toEqual(values(top, name));
    expect(values(all, name)).not.toEqual(values(other, name));
  });

  it("keep the size of what they replace: mean squares of drawn weights, the elements of moved ones", () => {
    const large = model((graph, x) => graph.add("Gemm", [graph.add("Flatten", [x], { axis: 1 }), graph.constant(weights([900, 36], 5)), graph.constant(weights([900], 6))], { transB: 1 }), scene);
    const graph = withRandomWeights(large, learnedWeights(large), 1, noFile, 0);
    const [drawn, moved] = [...graph.initializers.keys()].filter((name) => graph.initializers.get(name) !== large.initializers.get(name)) as [string, string];
    const square = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value * value, 0) / numbers.length;
    // 32400 uniform draws: their mean square has a standard error of 0.5 %.
    expect(square(values(graph, drawn)) / square(values(large, drawn))).toBeCloseTo(1, 1);
    expect(Math.abs(values(graph, drawn).reduce((a, b) => a + b, 0) / 32400)).toBeLessThan(0.02);
    expect(values(graph, moved)).not.toEqual(values(large, moved));
    expect(values(graph, moved).toSorted((a, b) => a - b)).toEqual(values(large, moved).toSorted((a, b) => a - b));
  });

  it("give a batch normalisation the statistics of all its channels together", () => {
    const graph = withRandomWeights(deep, found, 3, noFile, 0);
    const [, , mean, variance] = deep.nodes.find(({ op }) => op === "BatchNormalization")!.inputs.slice(1) as [string, string, string, string];
    const expected = (values(deep, variance).reduce((a, b) => a + b, 0) + values(deep, mean).reduce((a, b) => a + b * b, 0)) / 4;
    expect(values(graph, mean)).toEqual([0, 0, 0, 0]);
    for (const value of values(graph, variance)) expect(value).toBeCloseTo(expected, 6);
  });

  it("come in stages that end with all layers, none twice", () => {
    const names = (layers: number) => stagesOf(layers).map((stage) => `${stage.name} ${stage.layers}`);
    expect(names(16)).toEqual(["last 1", "1/4 4", "1/2 8", "all 16"]);
    expect(names(3)).toEqual(["last 1", "1/2 2", "all 3"]);
    expect(names(1)).toEqual(["all 1"]);
  });
});

describe("an examination", () => {
  const drawn = (attribution: PlainTensor, of: Method): PlainTensor => {
    const [height, width] = attribution.shape.slice(-2) as [number, number];
    return { shape: [height, width], data: attribution.data.map((value) => (of.form === "grid" ? Math.max(0, value) : Math.abs(value))) };
  };
  const examine = (graph: Graph, input: Tensor, tests: readonly TrustTest[], more: Partial<TrustJob> = {}) => {
    const classifier = classifierOf(graph);
    const compile = (build: Graph) => referenceRuntime.compile(build, noFile);
    return examineTrust({
      classifier, input, method: "saliency", target: target(0), layers: [], pixels: { scale: 1, mean: [0], std: [1], layout: "NCHW" }, activation: "softmax", memory: 1e9, tests, settings: readTrustSettings({}),
      compile: (_, build) => compile(build()), compileOnce: compile, readRange: noFile, draw: drawn, ...more,
    }, prepare(classifier, input.shape));
  };
  const one = async (...args: Parameters<typeof examine>) => (await examine(...args)).findings[0] as TrustFinding;
  const input = weights([1, 1, 12, 12], 8);
  /** Two convolutions and a head of 6 classes. */
  const classifier = model((graph, x) => {
    const first = graph.add("Relu", [graph.add("Conv", [x, graph.constant(weights([6, 1, 3, 3], 31))], { pads: [1, 1, 1, 1] })]);
    return head(graph, graph.add("Relu", [graph.add("Conv", [first, graph.constant(weights([6, 6, 3, 3], 32))], { pads: [1, 1, 1, 1] })]), weights([6, 6], 33));
  }, input);

  it("finds out a map that is made of the image alone", async () => {
    const { findings } = await examine(classifier, input, ["classes", "weights"], { method: "edges" as MethodName });
    expect(findings.map(({ test, verdict, sentence, numbers }) => [test, verdict, sentence.code, numbers["correlation"]])).toEqual([
      ["classes", "bad", "classesBad", expect.closeTo(1, 10)], ["weights", "bad", "weightsBad", expect.closeTo(1, 10)],
    ]);
    expect(findings[1]!.comparisons.map(({ name }) => name)).toEqual(["last", "1/2", "all", "all 2"]);
  });

  it("sees the gradient of a linear model follow its weights, and not the image", async () => {
    const { findings } = await examine(linear, picture, ["stability", "weights", "classes"]);
    const correlation = (test: TrustTest) => findings.find((finding) => finding.test === test)!.numbers["correlation"]!;
    // The gradient is a row of the matrix: the same for noisy copies, another for another class, drawn anew with the weights.
    expect(correlation("stability")).toBeCloseTo(1, 10);
    expect(findings.find(({ test }) => test === "stability")!.numbers["change"]).toBe(0);
    const rows = [0, 1, 2].map((c) => map(4, 4, toNumbers(matrix).slice(c * 16, c * 16 + 16).map(Math.abs)));
    const byHand = [1, 2].map((c) => coarseCorrelation(rows[0]!, rows[c]!, [4, 4])!);
    expect(correlation("classes")).toBeCloseTo((byHand[0]! + byHand[1]!) / 2, 6);
    expect(Math.abs(correlation("weights"))).toBeLessThan(0.6);
  });

  it("says first, and only, that a map is blank, and why", async () => {
    const dead = model((graph, x) => head(graph, graph.add("Relu", [graph.add("Sub", [x, graph.scalar(100)])]), weights([2, 1], 3)), input);
    expect(await examine(dead, input, trustTests)).toMatchObject({ findings: [{ test: "blank", verdict: "bad", sentence: { code: "blankZeroGradient" } }] });
  });

  it("ranks nothing on a grid of a few cells", async () => {
    const tiny = weights([1, 1, 3, 3], 4);
    const few = model((graph, x) => graph.add("Gemm", [graph.add("Flatten", [x], { axis: 1 }), graph.constant(weights([3, 9], 7))], { transB: 1 }), tiny);
    const { findings, evaluations } = await examine(few, tiny, ["classes", "stability", "agreement", "weights"]);
    for (const finding of findings) expect(finding).toMatchObject({ verdict: "unknown", sentence: { code: "gridCoarse", data: { rows: 3, columns: 3 } } });
    expect(evaluations).toEqual({ forward: 0, gradient: 1 });
  });

  it("says that curves tell nothing where the probability does not move", async () => {
    const faint = model((graph, x) => graph.add("Mul", [graph.add("Gemm", [graph.add("Flatten", [x], { axis: 1 }), graph.constant(matrix)], { transB: 1 }), graph.scalar(1e-3)]), picture);
    expect(await one(faint, picture, ["curves"])).toMatchObject({ verdict: "unknown", sentence: { code: "curvesFlat" } });
  });

  it("reports a total that stays, progress that only grows, and each finding as it comes", async () => {
    const [progress, came]: [[number, number][], string[]] = [[], []];
    const { findings, evaluations } = await examine(classifier, input, trustTests, { report: (done, total) => progress.push([done, total]), onFinding: ({ test }) => came.push(test) });
    expect(new Set(progress.map(([, total]) => total)).size).toBe(1);
    expect(progress.every(([done], i) => i === 0 || done > progress[i - 1]![0])).toBe(true);
    expect(progress.at(-1)![0]).toBe(progress.at(-1)![1]);
    expect(came).toEqual(["curves", "classes", "stability", "agreement", "weights"]);
    expect(findings.map(({ test }) => test)).toEqual(came);
    const sum = (pass: "forward" | "gradient") => findings.reduce((total, finding) => total + finding.evaluations[pass], 0);
    // The map itself is one gradient, counted with no finding.
    expect(evaluations).toEqual({ forward: sum("forward"), gradient: sum("gradient") + 1 });
  });

  it("stops when cancelled between two runs, and disposes the programs of random weights", async () => {
    const signal = { aborted: false, addEventListener: () => {}, removeEventListener: () => {} };
    let [made, disposed] = [0, 0];
    const compileOnce = async (graph: Graph) => {
      made++;
      const program = await referenceRuntime.compile(graph, noFile);
      return { run: (inputs: Parameters<typeof program.run>[0]) => { signal.aborted = made === 2; return program.run(inputs); }, dispose: () => { disposed++; } };
    };
    await expect(examine(classifier, input, ["weights"], { signal, compileOnce })).rejects.toMatchObject({ code: "cancelled" });
    expect([made, disposed]).toEqual([2, 2]);
  });
});

describe("settings", () => {
  const expensive: Pick<Method, "family" | "parameters"> = {
    family: "gradient", parameters: { samples: { kind: "number", default: 50 }, steps: { kind: "number", default: "auto", words: ["auto"] }, seed: { kind: "number", default: 3 } },
  };

  it("lower what makes a map expensive and say so", () => {
    expect(cheapParameters("m", expensive, { seed: 5 })).toEqual({ parameters: { seed: 5, samples: 8, steps: 10 }, lowered: { samples: 50, steps: "auto" } });
    expect(cheapParameters("m", expensive, { samples: 3, steps: 4 })).toEqual({ parameters: { samples: 3, steps: 4 }, lowered: {} });
  });

  it("are checked", () => {
    expect(readTrustSettings({ steps: 4 })).toMatchObject({ steps: 4, fill: "blur", noise: 0.02 });
    for (const wrong of [{ steps: 1 }, { fill: "sand" }, { nonsense: 1 }]) expect(() => readTrustSettings(wrong)).toThrow(expect.objectContaining({ code: "parameterInvalid" }) as Error);
  });

  it("make RISE, LIME and Score-CAM cheap", () => {
    const lowered = (["rise", "lime", "score-cam"] as const).map((name) => cheapParameters(name, methodOf(name), {}).lowered);
    expect(lowered).toEqual([{ masks: 500 }, { samples: 500 }, { channels: "all" }]);
  });
});
