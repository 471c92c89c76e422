/** @file What is explained: the logits a classifier gives, one class's logit or probability, and what is said of a map that shows nothing. */
import { describe, expect, it } from "vitest";
import { classifierOf, imageModelOf } from "../../../../src/engine/attribution/classifier.js";
import { prepare } from "../../../../src/engine/attribution/prepare.js";
import { argMax } from "../../../../src/engine/attribution/probabilities.js";
import { importOnnx } from "../../../../src/engine/importers/onnx/importOnnx.js";
import type { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import type { Graph } from "../../../../src/engine/ir/graph.js";
import { float32, toNumbers } from "../../../../src/engine/ir/tensor.js";
import { float32Proto, int64Proto, modelBytes, sourceOf, type NodeText } from "../onnxBytes.js";
import { graphOf } from "../smallGraph.js";
import { explain, head, image, model, target, weights } from "./smallClassifiers.js";

const matrix = weights([4, 24], 3);
/** Logits linear in the pixels: the gradient of class c is row c of the matrix. */
const linear = (finish: (graph: GraphBuilder, logits: string) => string = (_, logits) => logits): Graph =>
  model((graph, x) => finish(graph, graph.add("Gemm", [graph.add("Flatten", [x], { axis: 1 }), graph.constant(matrix)], { transB: 1 })));
const row = (c: number) => toNumbers(matrix).slice(c * 24, c * 24 + 24);
const logitsByHand = [0, 1, 2, 3].map((c) => row(c).reduce((sum, w, i) => sum + w * Number(image.data[i]), 0));
const close = (actual: ArrayLike<number>, expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 6));
};

describe("the classifier in a graph", () => {
  it("has an image and a row of logits", () => expect(classifierOf(linear())).toMatchObject({ input: "x0", logits: "scores", classes: 4 }));

  it.each(["Softmax", "LogSoftmax"])("that ends in %s explains the scores before it", async (op) => {
    const graph = linear((builder, logits) => builder.add(op, [logits], { axis: -1 }));
    expect(classifierOf(graph).logits).toBe(graph.nodes.find(({ op: name }) => name === "Gemm")!.outputs[0]);
    const { logits, attribution } = await explain(graph, { target: target(2) });
    close(logits, logitsByHand);
    close(attribution.data, row(2));
  });

  it.each([1, 4])("explains the scores before sigmoids, of %i classes", (width) => {
    const graph = graphOf([image], (builder, x) => [builder.rename(builder.add("Sigmoid", [head(builder, x!, weights([width, 2], 3))]), "scores")]);
    expect(classifierOf(graph)).toMatchObject({ logits: graph.nodes.find(({ op }) => op === "Gemm")!.outputs[0], classes: width });
    expect(imageModelOf(graph).activation).toBe("sigmoid");
  });

  it.each([["Softmax", "softmax"], ["Relu", undefined]] as const)("says what %s makes of the scores", (op, activation) =>
    expect(imageModelOf(linear((builder, logits) => builder.add(op, [logits]))).activation).toBe(activation));

  it("scores classes where a lone number stands beside them", () =>
    expect(classifierOf(graphOf([image], (builder, x) => [1, 4].map((width) => builder.rename(head(builder, x!, weights([width, 2], width)), `of ${width}`))))).toMatchObject({ logits: "of 4", classes: 4 }));

  it("explains its output where a softmax does not run over the classes", () => expect(classifierOf(linear((builder, logits) => builder.add("Softmax", [logits], { axis: 0 }))).logits).toBe("scores"));

  it("sees through the softmax of old opsets", () => {
    const nodes: readonly NodeText[] = [{ op: "Flatten", inputs: ["x"], outputs: ["flat"] }, { op: "Gemm", inputs: ["flat", "w"], outputs: ["logits"], attributes: { transB: 1 } }, { op: "Softmax", inputs: ["logits"], outputs: ["probabilities"] }];
    const { graph } = importOnnx(sourceOf(modelBytes({ opset: 11, nodes, inputs: { x: ["n", 1, 2, 2] }, outputs: { probabilities: ["n", 3] }, initializers: [float32Proto("w", [3, 4], new Array<number>(12).fill(1))] })));
    expect(classifierOf(graph)).toMatchObject({ logits: "logits", classes: 3 });
  });

  it.each<[string, Graph, RegExp]>([
    ["no image", graphOf([weights([1, 8], 1)], (graph, x) => [graph.add("Relu", [x!])]), /no input is an image; "x0" is float32\[1, 8\]/],
    ["two inputs", graphOf([image, weights([1, 2], 1)], (graph, x) => [graph.add("Flatten", [x!])]), /besides the image it takes "x1"/],
    ["no row of scores", graphOf([image], (graph, x) => [graph.add("Relu", [x!])]), /no output is a row of scores per image/],
    ["whole numbers for scores", graphOf([image], (graph, x) => [graph.add("Cast", [graph.add("Flatten", [x!])], { to: "int64" })]), /no output is a row of scores per image/],
  ])("is refused with %s", (_, graph, reason) => {
    expect(() => classifierOf(graph)).toThrow(expect.objectContaining({ code: "modelUnsuitable", data: { reason: expect.stringMatching(reason) as unknown } }) as Error);
  });

  const rows = (names: Readonly<Record<string, readonly number[]>>) => {
    const input = sourceOf(modelBytes({ opset: 21, inputs: { x: ["n", 3, 4, 4] }, outputs: Object.fromEntries(Object.entries(names).map(([name, [, ...rest]]) => [name, ["n", ...rest]])),
      nodes: Object.entries(names).map(([name]) => ({ op: "Reshape", inputs: ["x", `${name} shape`], outputs: [name], attributes: { allowzero: 0 } })),
      initializers: Object.entries(names).map(([name, shape]) => int64Proto(`${name} shape`, [shape.length], [0, ...shape.slice(1)])) }));
    return importOnnx(input).graph;
  };

  it.each<[string, Readonly<Record<string, readonly number[]>>, string, string]>([
    ["a base model", { last_hidden_state: [1, 12, 4], pooler_output: [1, 48] }, "image-encoder", "pooler_output"], ["CLIP's tower", { image_embeds: [1, 48], last_hidden_state: [1, 12, 4] }, "image-encoder", "image_embeds"],
    ["a backbone", { features: [1, 48] }, "image-encoder", "features"], ["TensorFlow's features", { "model/embedding:0": [1, 48] }, "image-encoder", "model/embedding:0"], ["states alone", { last_hidden_state: [1, 12, 4] }, "image-encoder", "last_hidden_state"],
    ["a classifier that gives features too", { embeddings: [1, 48], logits: [1, 48] }, "image-classification", "logits"], ["a classifier of whatever name", { "495": [1, 48] }, "image-classification", "495"],
    ["a classifier over a part called so", { "features.fc": [1, 48] }, "image-classification", "features.fc"],
  ])("%s", (_, outputs, task, output) => {
    const model = imageModelOf(rows(outputs));
    expect([model.task, model.output]).toEqual([task, output]);
    if (task === "image-encoder") expect(() => classifierOf(model.graph)).toThrow(expect.objectContaining({ code: "modelUnsuitable", data: { reason: expect.stringContaining(`features ("${output}")`) as unknown } }) as Error);
    else expect(classifierOf(model.graph).logits).toBe(output);
  });

  it("takes only inputs of its shape", () => {
    const classifier = classifierOf(linear());
    expect(() => prepare(classifier, [1, 2, 4, 4])).toThrow(expect.objectContaining({ code: "inputInvalid" }) as Error);
    expect(() => prepare(classifier, [2, 4, 3])).toThrow(expect.objectContaining({ code: "inputInvalid" }) as Error);
  });
});

describe("the target", () => {
  it("chosen by index gives that logit's gradient", async () => {
    for (const index of [0, 1, 2, 3]) close((await explain(linear(), { target: target(index) })).attribution.data, row(index));
  });

  it("predicted is the class with the largest logit, in one run", async () => {
    const predicted = await explain(linear(), { target: target("predicted") });
    expect(predicted.target.index).toBe(argMax(logitsByHand));
    expect(predicted.attribution).toEqual((await explain(linear(), { target: target(argMax(logitsByHand)) })).attribution);
  });

  it("of probability p is p (delta - p) spread over the logits", async () => {
    const exponents = logitsByHand.map(Math.exp);
    const p = exponents.map((value) => value / exponents.reduce((a, b) => a + b, 0));
    const { attribution } = await explain(linear(), { target: target(1, { score: "softmax" }) });
    close(attribution.data, Array.from({ length: 24 }, (_, i) => [0, 1, 2, 3].reduce((sum, c) => sum + p[1]! * ((c === 1 ? 1 : 0) - p[c]!) * row(c)[i]!, 0)));
  });

  it("of a class that others do not exclude is p (1 - p) times the logit's", async () => {
    const p = 1 / (1 + Math.exp(-logitsByHand[1]!));
    const { attribution } = await explain(linear(), { target: target(1, { score: "sigmoid" }) });
    close(attribution.data, row(1).map((w) => p * (1 - p) * w));
  });

  it("times the input is its share of a linear logit", async () => {
    const { attribution } = await explain(linear(), { target: target(3), method: "input-x-gradient" });
    close(attribution.data, row(3).map((w, i) => w * Number(image.data[i])));
    expect(attribution.data.reduce((a, b) => a + b, 0)).toBeCloseTo(logitsByHand[3]!, 5);
  });

  it("held against another class is the difference of the two gradients", async () => {
    const versus = await explain(linear(), { target: target(1, { versus: 3 }) });
    close(versus.attribution.data, row(1).map((w, i) => w - row(3)[i]!));
    const order = [0, 1, 2, 3].toSorted((a, b) => logitsByHand[b]! - logitsByHand[a]!);
    const runnerUp = await explain(linear(), { target: target("predicted", { versus: "runner-up" }) });
    expect([runnerUp.target.index, runnerUp.target.versus]).toEqual(order.slice(0, 2));
    close(runnerUp.attribution.data, row(order[0]!).map((w, i) => w - row(order[1]!)[i]!));
  });

  it("held against itself is refused", async () => {
    await expect(explain(linear(), { target: target(1, { versus: 1 }) })).rejects.toMatchObject({ code: "targetUnknown" });
  });

  it.each([-1, 4, 1.5, Number.NaN])("%d is refused", async (index) => {
    await expect(explain(linear(), { target: target(index) })).rejects.toMatchObject({ code: "targetUnknown", data: { classes: 4 } });
  });

  it("the first of equal logits wins", () => expect([argMax([1, 3, 3]), argMax([0, 0])]).toEqual([1, 0]));
});

describe("remarks", () => {
  const cam = (activation: (graph: GraphBuilder, x: string) => string, values: readonly number[]) =>
    explain(model((graph, x) => head(graph, activation(graph, x), float32([1, 2], values))), { method: "grad-cam" });
  const codes = async (result: ReturnType<typeof cam>) => (await result).remarks.map(({ code }) => code);

  it("say when nothing reaches the input", async () => {
    const dead = model((graph, x) => head(graph, graph.add("Relu", [graph.add("Sub", [x, graph.scalar(100)])]), float32([1, 2], [1, 1])));
    expect((await explain(dead)).remarks).toEqual([{ code: "zeroGradient", data: {} }]);
  });

  it("say when a class activation map has nothing positive", async () => expect(await codes(cam((graph, x) => graph.add("Exp", [x]), [-1, -2]))).toEqual(["allNegativeCam"]));

  it("say when a map is the same everywhere, and of what value", async () => {
    const blank = await cam((graph, x) => graph.add("Add", [graph.add("Mul", [graph.add("Exp", [x]), graph.scalar(0)]), graph.scalar(6)]), [1, 1]);
    expect(blank.remarks).toEqual([{ code: "blankMap", data: { value: 1 } }]);
  });

  it("are absent where a map shows something", async () => {
    expect(await codes(cam((graph, x) => graph.add("Exp", [x]), [1, 2]))).toEqual([]);
    expect((await explain(linear())).remarks).toEqual([]);
  });

  it("come with zeros where the score does not depend on the layer", async () => {
    const graph = graphOf([image], (builder, x) => {
      const side = builder.rename(builder.add("Exp", [x!]), "side");
      const steps = builder.add("Floor", [side]);
      return [builder.rename(head(builder, builder.add("Add", [steps, builder.add("Tanh", [x!])]), float32([1, 2], [1, 1])), "scores")];
    });
    const { remarks, attribution } = await explain(graph, { method: "grad-cam", layers: [prepare(classifierOf(graph), image.shape).layers[0]!.name] });
    expect([remarks.map(({ code }) => code), [...attribution.data]]).toEqual([["zeroGradient"], new Array<number>(12).fill(0)]);
  });
});

describe("running", () => {
  it("compiles one program per score and shape, for all targets and all methods that need the same gradient", async () => {
    const keys: string[] = [];
    const graph = linear();
    const { referenceRuntime } = await import("../../../../src/engine/reference/referenceRuntime.js");
    const compile = (key: string, build: () => Graph) => { keys.push(key); return referenceRuntime.compile(build(), () => new Uint8Array()); };
    for (const index of [0, 1, "predicted"] as const) await explain(graph, { target: target(index), compile });
    await explain(graph, { target: target(0, { score: "softmax" }), compile });
    await explain(graph, { method: "input-x-gradient", compile });
    expect(new Set(keys)).toEqual(new Set(["gradient|logit|x0|1x2x4x3", "gradient|softmax|x0|1x2x4x3"]));
  });

  it("takes a few of many images at once, each with its own class and gradient", async () => {
    const keys: string[] = [];
    const { referenceRuntime } = await import("../../../../src/engine/reference/referenceRuntime.js");
    const compile = (key: string, build: () => Graph) => { keys.push(key); return referenceRuntime.compile(build(), () => new Uint8Array()); };
    const graph = linear((builder, logits) => builder.add("Tanh", [logits]));
    const images = weights([5, 2, 4, 3], 8);
    const alone = await Promise.all([0, 1, 2, 3, 4].map((i) => explain(graph, { target: target("predicted"), input: float32(image.shape, images.data.slice(24 * i, 24 * i + 24) as Float32Array) })));
    expect(new Set(alone.map(({ target: { index } }) => index)).size).toBeGreaterThan(1);
    const { attribution, evaluations } = await explain(graph, { target: target("predicted"), input: images, compile });
    close(attribution.data, alone.flatMap(({ attribution: { data } }) => [...data]));
    expect(new Set(keys)).toEqual(new Set(["gradient|logit|x0|3x2x4x3"]));
    expect(evaluations.gradient).toBe(6);
  });

  it("stops when cancelled", async () => {
    const signal = { aborted: true, addEventListener: () => {}, removeEventListener: () => {} };
    await expect(explain(linear(), { signal })).rejects.toMatchObject({ code: "cancelled" });
  });
});
