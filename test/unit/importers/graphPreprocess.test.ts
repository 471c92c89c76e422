/** @file What TensorFlow graphs say of how images are prepared. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { graphPreprocess } from "../../../src/engine/importers/tensorflow/graphPreprocess.js";
import type { GraphBuilder } from "../../../src/engine/ir/builder.js";
import { float32 } from "../../../src/engine/ir/tensor.js";
import { importModel } from "../../../src/worker/formats/importModel.js";
import { graphOf } from "../engine/smallGraph.js";

const image = float32([1, 4, 5, 3], new Float32Array(60));
const raw = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1], channels: "rgb", layout: "NHWC", resize: "exact", size: [4, 5] };

/** What is said of a graph that begins so. */
const said = (begin: (graph: GraphBuilder, x: string, number: (...values: number[]) => string) => string) =>
  graphPreprocess(graphOf([image], (graph, x) => [graph.add("Relu", [begin(graph, x!, (...values) => graph.constant(float32(values.length === 1 ? [] : [values.length], values)))])]));

describe("preprocessing of TensorFlow graphs", () => {
  it.each<[string, Parameters<typeof said>[0]]>([
    ["a factor", (graph, x, number) => graph.add("Mul", [x, number(1 / 255)])],
    ["a division", (graph, x, number) => graph.add("Sub", [graph.add("Div", [x, number(127.5)]), number(1)])],
    ["a mean, channels turned round", (graph, x, number) => graph.add("Add", [graph.add("Transpose", [x], { perm: [0, 3, 1, 2] }), graph.add("Reshape", [number(-103.939, -116.779, -123.68), graph.ints([3, 1, 1])])])],
  ])("is the model's own where it scales pixels by %s", (_, begin) => expect(said(begin)).toMatchObject(raw));

  it.each<[string, Parameters<typeof said>[0]]>([
    ["small numbers", (graph, x, number) => graph.add("Sub", [graph.add("Mul", [x, number(0.5)]), number(0.4)])],
    ["large numbers behind something that looks at the image", (graph, x, number) => graph.add("Mul", [graph.add("Relu", [x]), number(0.001)])],
  ])("is not known from %s", (_, begin) => expect(said(begin)).toBeUndefined());

  it("is keras.applications' own where the names of the nodes tell", async () => {
    const { preprocess } = await importModel(join(import.meta.dirname, "../../fixtures/models/tensorflow/tfjs-mobilenetv2-uint8/model.json"));
    expect(preprocess).toMatchObject({ mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5], resize: "exact", size: [32, 32] });
  });
});
