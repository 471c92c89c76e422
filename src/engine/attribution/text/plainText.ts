/** @file Gradients at the embeddings of a text: their product with the embeddings, and their size. */
import type { Place } from "./prepareText.js";
import { widthOf, type TextContext } from "./textContext.js";
import { defineTextMethod, placeParameter, sumPerToken } from "./textMethod.js";

async function gradientAt(context: TextContext, place: Place) {
  const { sites } = context.prepared;
  const width = widthOf(context.prepared, place);
  const { value, gradient } = (await context.differentiate([sites[place]]))(sites[place]);
  const size = context.tokens.length * width;
  return { values: value.subarray(0, size), gradient: gradient.slice(0, size), width };
}

/** Shrikumar et al., arXiv 1605.01713, at the embeddings e: the sum over the width of e dF/de, signed. */
export const textInputXGradient = defineTextMethod({
  parameters: { at: placeParameter },
  run: async (context, { at }) => {
    const { values, gradient, width } = await gradientAt(context, at);
    const data = gradient.map((slope, i) => slope * values[i]!);
    return { raw: sumPerToken(data, context.tokens.length, width), attribution: { shape: [context.tokens.length, width], data } };
  },
});

/** The length of dF/de at each token (Li et al., arXiv 1506.01066, with the L2 norm): how strongly F depends on it, without a sign. The gradient itself is what is kept per dimension. */
export const gradientNorm = defineTextMethod({
  parameters: { at: placeParameter },
  run: async (context, { at }) => {
    const { gradient, width } = await gradientAt(context, at);
    const squares = sumPerToken(new Float64Array(gradient).map((slope) => slope * slope), context.tokens.length, width);
    return { raw: squares.map(Math.sqrt), attribution: { shape: [context.tokens.length, width], data: gradient } };
  },
});
