/** @file DeepLIFT with the rescale rule: differences from a baseline, followed through the model. */
import { deepLiftRules } from "../../autodiff/variants/deepLift.js";
import type { BatchAxis } from "../../autodiff/variants/halves.js";
import type { Graph } from "../../ir/graph.js";
import { float32 } from "../../ir/tensor.js";
import type { MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { ParameterTable, PlainTensor, Values } from "../parameters.js";
import { pixelGridOf } from "../perturbations/pixelGrid.js";
import { buildGradient, cotangentOf, type NamedRules } from "../programs.js";
import { scoreOf, seedValues } from "../target.js";

const parameters = {
  baseline: { kind: "list", default: "black", choices: ["black"], tensors: true },
  products: { kind: "choice", default: "midpoint", choices: ["midpoint", "gradient"] },
  pool: { kind: "choice", default: "rescale", choices: ["rescale", "gradient"] },
} as const satisfies ParameterTable;

/** Pixels of 0, in the model's units. */
function black(context: MethodContext): Float32Array {
  const { pixels: { mean, std } } = context;
  const { height, width, channels, channelStep, placeStep } = pixelGridOf(context);
  const values = new Float32Array(context.size);
  for (let c = 0; c < channels; c++) for (let p = 0; p < height * width; p++) values[c * channelStep + p * placeStep] = -mean[c % mean.length]! / std[c % std.length]!;
  return values;
}

/** Where a value of the batch of two keeps its images: the axis that is twice as long as for one image. Of a value that only the program of two has, the first. */
function batchAxis(single: Graph, double: Graph): BatchAxis {
  return (value) => {
    const [one, two] = [single.types.get(value)?.shape, double.types.get(value)?.shape];
    if (one === undefined || two === undefined || one.length !== two.length) return 0;
    const axes = two.flatMap((dim, axis) => (dim === one[axis] ? [] : [axis]));
    return axes.length === 0 ? undefined : axes[0];
  };
}

/** Multipliers times x - x', for one baseline, and the difference of the two scores. */
async function against(context: MethodContext, baseline: Float32Array, { products, pool }: Pick<Values<typeof parameters>, "products" | "pool">): Promise<{ data: Float64Array; difference: number }> {
  const { x, size, classes, classifier: { input, logits }, prepared } = context;
  const target = await context.target();
  const double = prepared.graphAt(2);
  const rules = (): NamedRules => ({ name: "deeplift", rules: deepLiftRules({ axisOf: batchAxis(prepared.graph, double), products, pool }) });
  const pair = new Float32Array(2 * size);
  pair.set(x);
  pair.set(baseline, size);
  const shape = [2, ...context.input.shape.slice(1)];
  const key = ["deeplift", products, pool, target.score, shape.join("x")].join("|");
  const outputs = await context.run(key, () => buildGradient(double, logits, target.score, [input], rules()), { [input]: float32(shape, pair), ...seedValues([2, classes], target) }, { gradient: 2 });
  const [multipliers, scores] = [outputs[cotangentOf(input)]!.data as Float32Array, outputs[logits]!.data as Float32Array];
  const data = Float64Array.from(x, (value, i) => (value - baseline[i]!) * multipliers[i]!);
  return { data, difference: scoreOf(scores.subarray(0, classes), target) - scoreOf(scores.subarray(classes, 2 * classes), target) };
}

/**
 * Shrikumar et al., arXiv 1704.02685, rescale rule. Image and baseline go through the model as one batch. Of several baselines the mean is taken.
 * `products` says how gates, attention and normalisations are split, `pool` how max pooling is (see the rules); Captum's numbers need both to be `gradient`.
 */
export const deepLift = defineMethod({
  family: "gradient", form: "pixels", parameters,
  run: async (context, { baseline, ...options }) => {
    const baselines = baseline.map((given) => (typeof given === "string" ? black(context) : given.data));
    context.expect(2 * baselines.length);
    const total = new Float64Array(context.size);
    let [difference, done] = [0, 0];
    const map = (): PlainTensor => ({ shape: context.input.shape, data: Float32Array.from(total, (value) => value / done) });
    for (const values of baselines) {
      const found = await against(context, values, options);
      found.data.forEach((value, i) => { total[i]! += value; });
      difference += found.difference;
      done++;
      context.advance(2, map);
    }
    return { attribution: map(), completeness: { sum: total.reduce((a, b) => a + b, 0) / done, difference: difference / done } };
  },
});
