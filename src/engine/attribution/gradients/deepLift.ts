/** @file DeepLIFT with the rescale rule: differences from a baseline, followed through the model. */
import { gradient } from "../../autodiff/gradient.js";
import { deepLiftRules } from "../../autodiff/variants/deepLift.js";
import { otherInput, twin } from "../../autodiff/variants/twin.js";
import { GraphBuilder } from "../../ir/builder.js";
import type { Graph } from "../../ir/graph.js";
import { float32 } from "../../ir/tensor.js";
import { verify } from "../../ir/verify.js";
import { prune } from "../../passes/prune.js";
import type { Classifier } from "../classifier.js";
import type { MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { ParameterTable, Values } from "../parameters.js";
import { cotangentOf } from "../programs.js";
import { addScores, addSeed, scoreOf, seedValues, type Score } from "../target.js";
import { baselineParameters, baselinesOf } from "./baselines.js";
import { baselineRemarks, sumOf, toPlain } from "./path.js";

const parameters = {
  ...baselineParameters,
  products: { kind: "choice", default: "midpoint", choices: ["midpoint", "gradient"] },
  pool: { kind: "choice", default: "rescale", choices: ["rescale", "gradient"] },
} as const satisfies ParameterTable;

type Options = Pick<Values<typeof parameters>, "products" | "pool">;

const otherLogits = "whylight/logits-at-baseline";

/** From image, baseline and seed to the logits of both and the multipliers of the image's elements. */
function buildMultipliers(graph: Graph, { input, logits }: Classifier, score: Score, options: Options): Graph {
  const scored = new GraphBuilder(graph, "whylight/score_");
  // Probabilities become values of the model, so that they have a twin as well.
  const scores = addScores(scored, logits, score);
  const { graph: both, other } = twin(scored.build([logits, scores]), input);
  const seeded = new GraphBuilder(both, "whylight/");
  seeded.rename(other(logits), otherLogits);
  const { seed } = addSeed(seeded, scores, "logit");
  const { graph: grown, cotangents } = gradient(seeded.build([logits, otherLogits]), scores, seed, [input], deepLiftRules({ other, ...options }));
  const map = new GraphBuilder(grown, "whylight/map_");
  const multipliers = map.rename(cotangents.get(input) ?? map.add("Mul", [input, map.scalar(0)]), cotangentOf(input));
  return verify(prune(map.build([logits, otherLogits, multipliers])), "buildMultipliers");
}

/** Multipliers times x - x', for one baseline, and the difference of the two scores. */
async function against(context: MethodContext, baseline: Float32Array, options: Options): Promise<{ data: Float64Array; difference: number }> {
  const { x, classes, classifier, prepared, input: { shape } } = context;
  const { input, logits } = classifier;
  const target = await context.target();
  const key = ["deeplift", options.products, options.pool, target.score, shape.join("x")].join("|");
  const inputs = { [input]: context.input, [otherInput]: float32(shape, baseline), ...seedValues([1, classes], target) };
  const outputs = await context.run(key, () => buildMultipliers(prepared.graph, classifier, target.score, options), inputs, { forward: 1, gradient: 1 });
  const multipliers = outputs[cotangentOf(input)]!.data as Float32Array;
  const scoreIn = (name: string) => scoreOf(outputs[name]!.data as Float32Array, target);
  return { data: new Float64Array(x).map((value, i) => (value - baseline[i]!) * multipliers[i]!), difference: scoreIn(logits) - scoreIn(otherLogits) };
}

/**
 * Shrikumar et al., arXiv 1704.02685, rescale rule. Image and baseline go through the model side by side. Of several baselines the mean is taken.
 * `products` says how gates, attention and normalisations are split, `pool` how max pooling is (see the rules); Captum's numbers need both to be `gradient`.
 */
export const deepLift = defineMethod({
  family: "gradient", form: "pixels", drawn: "sum-abs", parameters,
  run: async (context, options) => {
    const baselines = baselinesOf(context, options);
    // Image and baseline go through together, there and back.
    context.expect({ pass: "gradient", images: 2 * baselines.length, atOnce: 2 });
    const total = new Float64Array(context.size);
    let [difference, done] = [0, 0];
    for (const { values } of baselines) {
      const found = await against(context, values, options);
      found.data.forEach((value, i) => { total[i]! += value; });
      difference += found.difference;
      done++;
      context.advance(2, () => toPlain(context.input.shape, total, 1 / done));
    }
    return {
      attribution: toPlain(context.input.shape, total, 1 / done), completeness: { sum: sumOf(total) / done, difference: difference / done },
      facts: { baselines: baselines.map(({ name }) => name).join(", ") }, remarks: baselineRemarks(context.x, baselines),
    };
  },
});
