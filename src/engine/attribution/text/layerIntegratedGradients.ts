/** @file Integrated Gradients at the embeddings of a text. */
import type { MethodContext } from "../context.js";
import { automatic, pathParameters } from "../gradients/integratedGradients.js";
import { interpolate, isAt, sumOf } from "../gradients/path.js";
import { quadrature, type QuadratureRule } from "../gradients/quadrature.js";
import type { MethodResult, Remark } from "../method.js";
import type { Values } from "../parameters.js";
import { substitute, substituteOf } from "./substitutes.js";
import type { TextContext } from "./textContext.js";
import { defineTextMethod, placeParameter, sumPerToken } from "./textMethod.js";

const parameters = { ...pathParameters, baseline: { kind: "choice", default: "zero", choices: ["zero", "pad"] }, at: placeParameter } as const;

/**
 * Sundararajan et al., arXiv 1703.01365, at a layer as Captum's `LayerIntegratedGradients`: (e - e') times the mean of dF/de on the straight path from the baseline's embeddings e' to the text's e; mask, positions
 * and types stay those of the text. `zero` are embeddings of zeros at that place; `pad` is the text with the padding token in place of all but the special tokens, run through the model up to that place.
 */
export const layerIntegratedGradients = defineTextMethod({
  parameters,
  run: async (context, options) => {
    context.expect(options.steps === "auto" ? 24 : options.steps + 2);
    const above = await context.above(options.at);
    const { values, fact } = await baselineOf(context, above, options);
    const found = isAt(above.x, { name: fact, values }) ? nothing(above) : options.steps === "auto" ? await automatic(above, [{ name: fact, values }], options) : await byRule(above, values, options.steps, options.rule);
    const width = above.size / above.input.shape[1]!;
    const { length } = context.tokens;
    return {
      raw: sumPerToken(found.attribution.data, length, width), attribution: { shape: [length, width], data: found.attribution.data.slice(0, length * width) },
      ...(found.completeness && { completeness: found.completeness }), facts: { ...found.facts, baseline: fact }, remarks: found.remarks ?? [],
    };
  },
});

async function baselineOf(context: TextContext, { size }: MethodContext, { baseline, at }: Values<typeof parameters>): Promise<{ values: Float32Array; fact: string }> {
  if (baseline === "zero") return { values: new Float32Array(size), fact: "zero" };
  const pad = substituteOf(context.tokenizer, "pad");
  return { values: await context.embed(at, context.tokens.map((token) => (token.special ? token : substitute(token, pad)))), fact: pad.token };
}

/** The points of the rule, and the baseline's own as one more, which counts nothing: the program that differentiates tells its score as well, and no other is compiled. */
async function byRule(above: MethodContext, baseline: Float32Array, steps: number, rule: QuadratureRule): Promise<MethodResult> {
  const { x, size, input: { shape } } = above;
  const { nodes, weights } = quadrature(rule, steps);
  const total = new Float64Array(size);
  let start = 0;
  const { score } = await above.atInput();
  await above.forEachGradient(steps + 1, (i, into) => interpolate(x, baseline, nodes[i] ?? 0, into), (i, at) => {
    if (i === steps) start = at.score;
    else for (let k = 0; k < size; k++) total[k]! += weights[i]! * at.gradient[k]! * (x[k]! - baseline[k]!);
  });
  const completeness = { sum: sumOf(total), difference: score - start };
  return { attribution: { shape, data: Float32Array.from(total) }, completeness, facts: { steps }, remarks: shortcoming(completeness, steps) };
}

/** A gap above this share of the scores' difference is said: near embeddings of zeros layer normalisation turns so fast that fixed steps may pass over half of what happens. */
const largestGap = 0.05;

function shortcoming({ sum, difference }: { readonly sum: number; readonly difference: number }, steps: number): Remark[] {
  const gap = Math.abs(sum - difference) / Math.abs(difference);
  return gap > largestGap ? [{ code: "toleranceNotReached", data: { gap: `${Number((100 * gap).toPrecision(2))} %`, steps } }] : [];
}

/** Of a text that is its own baseline: special tokens only. */
function nothing({ size, input: { shape } }: MethodContext): MethodResult {
  return { attribution: { shape, data: new Float32Array(size) }, completeness: { sum: 0, difference: 0 }, facts: { steps: 0 }, remarks: [{ code: "baselineIsImage", data: {} }] };
}
