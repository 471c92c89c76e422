/** @file The peer of the WASM case: the same ResNet-50 written with TensorFlow.js's own operators, differentiated by `tf.grad`. */
import * as tf from "@tensorflow/tfjs-core";
// The file Node loads for the package leaves the gradients out.
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { numbersOf, windowOf } from "../../src/engine/ir/attributes.js";
import type { Graph, Node } from "../../src/engine/ir/graph.js";
import { loadInitializers } from "../../src/engine/ir/weights.js";
import type { Tensor } from "../../src/engine/ir/tensor.js";
import type { ReadRange } from "../../src/engine/runtime.js";

type Operands = { readonly node: Node; readonly inputs: readonly tf.Tensor[] };

/** Explicit pads as TensorFlow.js takes them: rows and columns, before and after. */
function padsOf(pads: readonly number[]): [[number, number], [number, number], [number, number], [number, number]] {
  const [top, left, bottom, right] = pads as [number, number, number, number];
  return [[0, 0], [top, bottom], [left, right], [0, 0]];
}

/** ONNX operators of a ResNet in TensorFlow.js, channels last. Batch normalisation is folded into the convolutions by the exporter. */
const operators: Readonly<Record<string, (operands: Operands) => tf.Tensor>> = {
  Conv: ({ node, inputs: [x, w, bias] }) => {
    const { strides, pads } = windowOf(node, w!.shape.slice(0, 2));
    const y = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides as [number, number], padsOf(pads), "NHWC", 1);
    return bias === undefined ? y : tf.add(y, bias);
  },
  Relu: ({ inputs: [x] }) => tf.relu(x!),
  Add: ({ inputs: [a, b] }) => tf.add(a!, b!),
  MaxPool: ({ node, inputs: [x] }) => {
    const { kernel, strides, pads } = windowOf(node, numbersOf(node, "kernel_shape")!);
    return tf.maxPool(x as tf.Tensor4D, kernel as [number, number], strides as [number, number], padsOf(pads));
  },
  GlobalAveragePool: ({ inputs: [x] }) => tf.mean(x!, [1, 2], true),
  Flatten: ({ inputs: [x] }) => tf.reshape(x!, [x!.shape[0]!, -1]),
  Reshape: ({ inputs: [x] }) => tf.reshape(x!, [x!.shape[0]!, -1]),
  Gemm: ({ node, inputs: [a, b, bias] }) => tf.add(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, node.attributes["transB"] === 1), bias!),
};

/** The gradient of the largest logit with respect to the image `[1, 3, h, w]`, as `tf.grad` on the current backend gives it. `graph` must be specialised. */
export function tfGradient(graph: Graph, logits: string, readRange: ReadRange): (image: Tensor) => Float32Array {
  const unknown = graph.nodes.find(({ op }) => operators[op] === undefined);
  if (unknown) throw new Error(`this peer knows ResNets only, and the model has the operator ${unknown.op}`);
  const shapesOnly = new Set(graph.nodes.filter(({ op }) => op === "Reshape").map(({ inputs }) => inputs[1]!));
  const weights = new Map<string, tf.Tensor>();
  for (const [name, tensor] of loadInitializers(graph, readRange)) if (!shapesOnly.has(name)) weights.set(name, weightOf(tensor));
  const forward = (x: tf.Tensor): tf.Tensor => {
    const values = new Map([...weights, [graph.inputs[0]!, x]]);
    for (const node of graph.nodes) values.set(node.outputs[0]!, operators[node.op]!({ node, inputs: node.inputs.map((input) => values.get(input)!) }));
    return values.get(logits)!;
  };
  const gradient = tf.grad((x) => tf.max(forward(x)));
  return (image) => tf.tidy(() => {
    const x = tf.transpose(tf.tensor4d(image.data as Float32Array, image.shape as [number, number, number, number]), [0, 2, 3, 1]);
    return Float32Array.from(tf.transpose(gradient(x), [0, 3, 1, 2]).dataSync());
  });
}

/** Filters `[out, in, h, w]` become `[h, w, in, out]`; everything else stays. */
function weightOf({ shape, data }: Tensor): tf.Tensor {
  const tensor = tf.tensor(data as Float32Array, [...shape]);
  return shape.length === 4 ? tf.tidy(() => tf.transpose(tensor, [2, 3, 1, 0])) : tensor;
}
