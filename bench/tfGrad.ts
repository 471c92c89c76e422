/** @file The peer of the TensorFlow.js cases: the same ResNet-50 written with TensorFlow.js's own operators, differentiated by `tf.grad`. */
import type * as tf from "@tensorflow/tfjs-core";
// The file Node loads for the package leaves the gradients out.
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { numberOf, numbersOf, windowOf } from "../src/engine/ir/attributes.js";
import { producers, type Graph, type Node } from "../src/engine/ir/graph.js";
import { loadInitializers } from "../src/engine/ir/weights.js";
import type { Tensor } from "../src/engine/ir/tensor.js";
import type { ReadRange } from "../src/engine/runtime.js";

type TensorflowJs = typeof tf;
/** `library` is the copy of TensorFlow.js whose backend computes. */
type Operands = { readonly library: TensorflowJs; readonly node: Node; readonly inputs: readonly tf.Tensor[] };

/** Explicit pads as TensorFlow.js takes them: rows and columns, before and after. */
function padsOf(pads: readonly number[]): [[number, number], [number, number], [number, number], [number, number]] {
  const [top, left, bottom, right] = pads as [number, number, number, number];
  return [[0, 0], [top, bottom], [left, right], [0, 0]];
}

/** Native TensorFlow's kernels take no explicit pads: zeros are put around the image, which behind a ReLU are no maxima either. */
function surrounded(library: TensorflowJs, x: tf.Tensor, pads: readonly number[]): { readonly image: tf.Tensor4D; readonly padding: ReturnType<typeof padsOf> | "valid" } {
  const image = x as tf.Tensor4D;
  if (library.getBackend() !== "tensorflow") return { image, padding: padsOf(pads) };
  return { image: pads.some((pad) => pad > 0) ? library.pad(image, padsOf(pads)) : image, padding: "valid" };
}

/** ONNX operators of a ResNet in TensorFlow.js, channels last. Batch normalisation is folded into the convolutions, as TensorFlow.js's own converter does. */
const operators: Readonly<Record<string, (operands: Operands) => tf.Tensor>> = {
  Conv: ({ library, node, inputs: [x, w, bias] }) => {
    const { strides, pads } = windowOf(node, w!.shape.slice(0, 2));
    const { image, padding } = surrounded(library, x!, pads);
    const y = library.conv2d(image, w as tf.Tensor4D, strides as [number, number], padding, "NHWC", 1);
    return bias === undefined ? y : library.add(y, bias);
  },
  BatchNormalization: ({ inputs: [x] }) => x!,
  Identity: ({ inputs: [x] }) => x!,
  Relu: ({ library, inputs: [x] }) => library.relu(x!),
  Add: ({ library, inputs: [a, b] }) => library.add(a!, b!),
  MaxPool: ({ library, node, inputs: [x] }) => {
    const { kernel, strides, pads } = windowOf(node, numbersOf(node, "kernel_shape")!);
    const { image, padding } = surrounded(library, x!, pads);
    return library.maxPool(image, kernel as [number, number], strides as [number, number], padding);
  },
  GlobalAveragePool: ({ library, inputs: [x] }) => library.mean(x!, [1, 2], true),
  Flatten: ({ library, inputs: [x] }) => library.reshape(x!, [x!.shape[0]!, -1]),
  Reshape: ({ library, inputs: [x] }) => library.reshape(x!, [x!.shape[0]!, -1]),
  Transpose: ({ library, node, inputs: [x] }) => library.transpose(x!, [...numbersOf(node, "perm")!]),
  MatMul: ({ library, inputs: [a, b] }) => library.matMul(a as tf.Tensor2D, b as tf.Tensor2D),
  Gemm: ({ library, node, inputs: [a, b, bias] }) => library.add(library.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, node.attributes["transB"] === 1), bias!),
};

/** The gradient of the largest logit with respect to the image `[1, 3, h, w]`, as `tf.grad` on the library's current backend gives it. `graph` must be specialised. */
export function tfGradient(library: TensorflowJs, graph: Graph, logits: string, readRange: ReadRange): (image: Tensor) => Float32Array {
  const unknown = graph.nodes.find(({ op }) => operators[op] === undefined);
  if (unknown) throw new Error(`this peer knows ResNets only, and the model has the operator ${unknown.op}`);
  const nodes = graph.nodes.map((node) => withNormBias(graph, node));
  const weights = new Map([...weightsOf(graph, readRange)].map(([name, tensor]) => [name, weightOf(library, tensor)]));
  const forward = (x: tf.Tensor): tf.Tensor => {
    const values = new Map([...weights, [graph.inputs[0]!, x]]);
    for (const node of nodes) values.set(node.outputs[0]!, operators[node.op]!({ library, node, inputs: node.inputs.map((input) => values.get(input)!) }));
    return values.get(logits)!;
  };
  const gradient = library.grad((x) => library.max(forward(x)));
  return (image) => library.tidy(() => {
    const x = library.transpose(library.tensor4d(image.data as Float32Array, image.shape as [number, number, number, number]), [0, 2, 3, 1]);
    return Float32Array.from(library.transpose(gradient(x), [0, 3, 1, 2]).dataSync());
  });
}

/** The norm that follows a convolution. */
function normAfter(graph: Graph, { op, outputs }: Node): Node | undefined {
  return op === "Conv" ? graph.nodes.find((node) => node.op === "BatchNormalization" && node.inputs[0] === outputs[0]) : undefined;
}

/** The convolution with its norm's bias, which `weightsOf` leaves under that name. */
function withNormBias(graph: Graph, node: Node): Node {
  const norm = normAfter(graph, node);
  return norm ? { ...node, inputs: [node.inputs[0]!, node.inputs[1]!, norm.inputs[2]!] } : node;
}

/** Weights as numbers, each convolution's multiplied by the scale of its norm, whose bias takes in its mean. */
function weightsOf(graph: Graph, readRange: ReadRange): Map<string, Tensor> {
  const shapes = new Set(graph.nodes.filter(({ op }) => op === "Reshape").map(({ inputs }) => inputs[1]!));
  const weights = new Map([...loadInitializers(graph, readRange)].filter(([name]) => !shapes.has(name)));
  const writers = producers(graph);
  for (const norm of graph.nodes.filter(({ op }) => op === "BatchNormalization")) {
    const [x, ...names] = norm.inputs as [string, string, string, string, string];
    const kernel = weights.get(writers.get(x)!.inputs[1]!)!;
    const [scale, bias, mean, variance] = names.map((name) => weights.get(name)!.data as Float32Array) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const factors = scale.map((value, i) => value / Math.sqrt(variance[i]! + numberOf(norm, "epsilon", 1e-5)));
    const data = kernel.data as Float32Array;
    const filter = data.length / factors.length;
    weights.set(writers.get(x)!.inputs[1]!, { ...kernel, data: data.map((value, i) => value * factors[Math.floor(i / filter)]!) });
    weights.set(names[1], { ...weights.get(names[1])!, data: bias.map((value, i) => value - mean[i]! * factors[i]!) });
  }
  return weights;
}

/** Filters `[out, in, h, w]` become `[h, w, in, out]`; everything else stays. */
function weightOf(library: TensorflowJs, { shape, data }: Tensor): tf.Tensor {
  const tensor = library.tensor(data as Float32Array, [...shape]);
  return shape.length === 4 ? library.tidy(() => library.transpose(tensor, [2, 3, 1, 0])) : tensor;
}
