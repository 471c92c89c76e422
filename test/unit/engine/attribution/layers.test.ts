/** @file Which values lie on a grid over the image, which of them people may choose, and which is chosen for them. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { prepare } from "../../../../src/engine/attribution/prepare.js";
import { classifierOf } from "../../../../src/engine/attribution/classifier.js";
import { importOnnx } from "../../../../src/engine/importers/onnx/importOnnx.js";
import type { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import { toNumbers } from "../../../../src/engine/ir/tensor.js";
import { openFile } from "../../../oracle/fileSource.js";
import { window } from "../smallGraph.js";
import { explain, head, image, model, target, weights } from "./smallClassifiers.js";

const preparedFile = (file: string, shape: readonly number[]) => prepare(classifierOf(importOnnx(openFile(join(import.meta.dirname, "../../../fixtures/reference", file))).graph), shape);
const preparedModel = (graph: ReturnType<typeof model>) => prepare(classifierOf(graph), image.shape);

describe("exported models", () => {
  it("a CNN's layers are its maps, the last is the default", () => {
    const { layers, defaultLayer } = preparedFile("cnn_mnistlike/model.onnx", [1, 1, 28, 28]);
    expect(layers.map(({ name, op, spatial }) => [name, op, ...spatial.grid])).toEqual([
      ["/conv1/Conv_output_0", "Conv", 28, 28], ["/relu1/Relu_output_0", "Relu", 28, 28], ["/pool1/MaxPool_output_0", "MaxPool", 14, 14],
      ["/conv2/Conv_output_0", "Conv", 14, 14], ["/relu2/Relu_output_0", "Relu", 14, 14], ["/pool2/MaxPool_output_0", "MaxPool", 7, 7],
    ]);
    expect(defaultLayer?.name).toBe("/pool2/MaxPool_output_0");
  });

  it("a ResNet's default is the end of its last block", () => {
    expect(preparedFile("resnet_tiny/model.onnx", [1, 3, 64, 64]).defaultLayer).toMatchObject({ name: "/layer4/layer4.0/relu3/Relu_output_0", shape: [1, 256, 2, 2], spatial: { layout: "map", prefix: 0 } });
    expect(preparedFile("resnet_tiny/model.dynamo.onnx", [1, 3, 64, 64]).defaultLayer?.name).toBe("relu_12");
  });

  it.each([["vit_tiny/model.onnx"], ["vit_tiny/model.opset13.onnx"], ["vit_tiny/model.dynamo.onnx"], ["vit_tiny/model.sdpa.onnx"]])("%s: tokens after a class token; the default feeds the last attention", (file) => {
    const { layers, defaultLayer } = preparedFile(file, [1, 3, 32, 32]);
    expect(defaultLayer).toMatchObject({ op: "LayerNormalization", shape: [1, 17, 48], spatial: { layout: "tokens", grid: [4, 4], prefix: 1 } });
    const norms = layers.filter(({ op }) => op === "LayerNormalization").map(({ name }) => name);
    expect(norms.indexOf(defaultLayer!.name)).toBe(4);
    expect(layers[0]).toMatchObject({ op: "Conv", spatial: { layout: "map", grid: [4, 4] } });
  });
});

/** One ConvNeXt-like block: depthwise convolution, channels last, norm, two products, back, residual. */
function convNext(graph: GraphBuilder, x: string): string {
  const vector = (size: number, seed: number) => graph.constant(weights([size], seed));
  const depthwise = graph.add("Conv", [x, graph.constant(weights([2, 1, 3, 3], 1))], { ...window([3, 3], { pads: [1, 1, 1, 1] }), group: 2 });
  const last = graph.add("Transpose", [depthwise], { perm: [0, 2, 3, 1] });
  const norm = graph.rename(graph.add("LayerNormalization", [last, vector(2, 2), vector(2, 3)], { axis: -1 }), "norm");
  const wide = graph.add("Gelu", [graph.add("Add", [graph.add("MatMul", [norm, graph.constant(weights([2, 5], 4))]), vector(5, 5)])]);
  const narrow = graph.rename(graph.add("Mul", [graph.add("MatMul", [wide, graph.constant(weights([5, 2], 6))]), vector(2, 7)]), "narrow");
  const first = graph.add("Transpose", [narrow], { perm: [0, 3, 1, 2] });
  return head(graph, graph.add("Add", [x, graph.rename(graph.add("Relu", [first]), "back")]), weights([3, 2], 8));
}

describe("layouts", () => {
  it("follow channels-last maps and back; plumbing is no layer", () => {
    const { layers, defaultLayer } = preparedModel(model(convNext));
    expect(layers.map(({ op, spatial }) => [op, spatial.layout, ...spatial.grid])).toEqual([
      ["Conv", "map", 4, 3], ["LayerNormalization", "mapLast", 4, 3], ["MatMul", "mapLast", 4, 3], ["Add", "mapLast", 4, 3], ["Gelu", "mapLast", 4, 3], ["MatMul", "mapLast", 4, 3], ["Mul", "mapLast", 4, 3], ["Relu", "map", 4, 3], ["Add", "map", 4, 3],
    ]);
    expect(defaultLayer).toMatchObject({ op: "Add", spatial: { layout: "map" } });
  });

  /** Logits that are linear in the mean of a layer over its grid: Grad-CAM is `sum over k of W[c][k] / cells * A[k]`. */
  const matrix = weights([3, 2], 9);
  const linear: Record<string, (graph: GraphBuilder, x: string) => string> = {
    map: (graph, x) => head(graph, graph.rename(graph.add("Exp", [x]), "layer"), matrix),
    mapLast: (graph, x) => {
      const layer = graph.rename(graph.add("Exp", [graph.add("Transpose", [x], { perm: [0, 2, 3, 1] })]), "layer");
      return graph.add("Gemm", [graph.add("ReduceMean", [layer, graph.ints([1, 2])], { keepdims: 0 }), graph.constant(matrix)], { transB: 1 });
    },
    tokens: (graph, x) => {
      const tokens = graph.add("Transpose", [graph.add("Reshape", [x, graph.ints([1, 2, 12])])], { perm: [0, 2, 1] });
      const layer = graph.rename(graph.add("Exp", [graph.add("Concat", [graph.constant(weights([1, 2, 2], 4)), tokens], { axis: 1 })]), "layer");
      const patches = graph.add("Slice", [layer, graph.ints([2]), graph.ints([14]), graph.ints([1])]);
      return graph.add("Gemm", [graph.add("ReduceMean", [patches, graph.ints([1])], { keepdims: 0 }), graph.constant(matrix)], { transB: 1 });
    },
  };

  it.each(["map", "mapLast", "tokens"])("Grad-CAM of a %s layer under a linear head", async (layout) => {
    const graph = model(linear[layout]!);
    const { layers } = preparedModel(graph);
    const layer = layers.find(({ op }) => op === "Exp")!;
    expect(layer.spatial).toEqual({ layout, grid: [4, 3], prefix: layout === "tokens" ? 2 : 0 });
    const { attribution } = await explain(graph, { method: "grad-cam", target: target(1), layers: [layer.name] });
    expect(attribution.shape).toEqual([4, 3]);
    const pixels = toNumbers(image).map(Math.exp);
    attribution.data.forEach((value, cell) => {
      const expected = (Number(matrix.data[2]) * pixels[cell]! + Number(matrix.data[3]) * pixels[12 + cell]!) / 12;
      expect(value).toBeCloseTo(expected, 6);
    });
  });

  it("a value the logits do not depend on is no layer", () => {
    const graph = model((builder, x) => { builder.add("Tanh", [x]); return head(builder, builder.add("Sigmoid", [x]), matrix); });
    expect(preparedModel(graph).layers.map(({ op }) => op)).toEqual(["Sigmoid"]);
  });

  it("a grid of one cell is no layer, and a model without any is told so", async () => {
    const graph = model((builder, x) => head(builder, x, matrix));
    expect(preparedModel(graph)).toMatchObject({ layers: [], defaultLayer: undefined });
    await expect(explain(graph, { method: "grad-cam" })).rejects.toMatchObject({ code: "layerUnsuitable" });
  });

  it("an unknown layer is told, with the default as a suggestion", async () => {
    const graph = model(linear["map"]!);
    const suggestion = preparedModel(graph).defaultLayer!.name;
    await expect(explain(graph, { method: "grad-cam", layers: ["nowhere"] })).rejects.toMatchObject({ code: "layerUnknown", data: { layer: "nowhere", suggestion } });
  });

  it("images with channels last lie on a mapLast grid", () => {
    const x = weights([1, 5, 6, 3], 1);
    const graph = model((builder, input) => head(builder, builder.add("Relu", [builder.add("Transpose", [builder.add("Tanh", [input])], { perm: [0, 3, 1, 2] })]), weights([2, 3], 2)), x);
    expect(prepare(classifierOf(graph), x.shape).layers.map(({ op, spatial }) => [op, spatial.layout, ...spatial.grid])).toEqual([["Tanh", "mapLast", 5, 6], ["Relu", "map", 5, 6]]);
  });
});
