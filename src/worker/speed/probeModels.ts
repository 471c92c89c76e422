/** @file Small models of both families with fixed weights, and the gradient of their output's sum: what runtimes are measured on. */
import { createRandom } from "../../engine/attribution/random.js";
import { gradient } from "../../engine/autodiff/gradient.js";
import { GraphBuilder } from "../../engine/ir/builder.js";
import type { ModelFamily } from "../../engine/ir/flops.js";
import type { Graph } from "../../engine/ir/graph.js";
import { verify } from "../../engine/ir/verify.js";
import { float32, sizeOf, type Tensor } from "../../engine/ir/tensor.js";
import { prune } from "../../engine/passes/prune.js";

/** The gradient of a probe, the model alone, and the input of both. */
export interface Probe {
  readonly graph: Graph;
  readonly forward: Graph;
  readonly input: Tensor;
}

export const probeInput = "input";
export const probeGradient = "gradient";

interface ProbeModel {
  /** Of one example. */
  readonly shape: readonly number[];
  /** Adds the layers; returns a value whose sum is differentiated. */
  readonly layers: (graph: GraphBuilder, input: string, weight: (shape: readonly number[], inputs: number) => string) => string;
}

const models: Readonly<Record<ModelFamily, ProbeModel>> = {
  convolutions: {
    shape: [3, 32, 32],
    layers: (graph, input, weight) => {
      const conv = (from: string, [channels, width]: readonly [number, number], stride = 1) => graph.add("Conv", [from, weight([width, channels, 3, 3], 9 * channels), weight([width], width)], { pads: [1, 1, 1, 1], strides: [stride, stride] });
      const relu = (from: string) => graph.add("Relu", [from]);
      const stem = relu(conv(input, [3, 32]));
      const block = relu(graph.add("Add", [conv(relu(conv(stem, [32, 32])), [32, 32]), stem]));
      const pooled = graph.add("MaxPool", [block], { kernel_shape: [2, 2], strides: [2, 2] });
      const features = graph.add("Flatten", [graph.add("GlobalAveragePool", [relu(conv(pooled, [32, 64], 2))])], { axis: 1 });
      return graph.add("Gemm", [features, weight([64, 10], 64), weight([10], 10)]);
    },
  },
  attention: {
    shape: [64, 192],
    layers: (graph, input, weight) => {
      const [width, heads] = [192, 4];
      const linear = (from: string, inputs: number, outputs: number) => graph.add("Add", [graph.add("MatMul", [from, weight([inputs, outputs], inputs)]), weight([outputs], outputs)]);
      const normalize = (from: string) => graph.add("LayerNormalization", [from, weight([width], 1), weight([width], 1)], { axis: -1, epsilon: 1e-5 });
      const split = (from: string, perm: readonly number[]) => graph.add("Transpose", [graph.add("Reshape", [from, graph.ints([0, 0, heads, width / heads])])], { perm });
      const normal = normalize(input);
      const scores = graph.add("MatMul", [split(linear(normal, width, width), [0, 2, 1, 3]), split(linear(normal, width, width), [0, 2, 3, 1])]);
      const weights = graph.add("Softmax", [graph.add("Mul", [scores, graph.scalar((width / heads) ** -0.5)])], { axis: -1 });
      const mixed = graph.add("Transpose", [graph.add("MatMul", [weights, split(linear(normal, width, width), [0, 2, 1, 3])])], { perm: [0, 2, 1, 3] });
      const attended = graph.add("Add", [input, linear(graph.add("Reshape", [mixed, graph.ints([0, 0, width])]), width, width)]);
      const hidden = linear(normalize(attended), width, 4 * width);
      const gelu = graph.add("Mul", [hidden, graph.add("Add", [graph.add("Erf", [graph.add("Mul", [hidden, graph.scalar(Math.SQRT1_2)])]), graph.scalar(1)])]);
      return normalize(graph.add("Add", [attended, linear(gelu, 4 * width, width)]));
    },
  },
};

/** The probe of a family over `batch` examples. The first example is the same whatever the batch. */
export function buildProbe(family: ModelFamily, batch: number): Probe {
  const { shape, layers } = models[family];
  const random = createRandom(8);
  const numbers = (wanted: readonly number[], scale: number) => float32(wanted, Float32Array.from({ length: sizeOf(wanted) }, () => scale * random.normal()));
  const empty: Graph = { name: "probe", inputs: [], outputs: [], nodes: [], initializers: new Map(), types: new Map() };
  const builder = new GraphBuilder(empty, "probe/");
  builder.input(probeInput, { dtype: "float32", shape: [batch, ...shape] });
  const output = layers(builder, probeInput, (wanted, inputs) => builder.constant(numbers(wanted, (2 / inputs) ** 0.5)));
  // Not ones, under which the gradient of a normalisation would vanish.
  const outputShape = builder.shape(output);
  const row = numbers(outputShape.slice(1), 1);
  const seed = builder.constant(float32(outputShape, Float32Array.from({ length: sizeOf(outputShape) }, (_, i) => row.data[i % row.data.length] as number)));
  const forward = builder.build([output]);
  const differentiated = gradient(forward, output, seed, [probeInput]);
  const named = new GraphBuilder(differentiated.graph, "probe/named_");
  named.rename(differentiated.cotangents.get(probeInput)!, probeGradient);
  return { graph: verify(prune(named.build([probeGradient])), "buildProbe"), forward: prune(forward), input: numbers([batch, ...shape], 1) };
}
