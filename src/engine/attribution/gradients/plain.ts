/** @file The gradient itself, and its product with the input. */
import { defineMethod } from "../method.js";

/** Simonyan et al., arXiv 1312.6034: dF/dx, signed, all channels. */
export const saliency = defineMethod({
  family: "gradient", form: "pixels", parameters: {},
  run: async (context) => ({ attribution: { shape: context.input.shape, data: (await context.gradientAtInput()).gradient.slice() } }),
});

/** Shrikumar et al., arXiv 1605.01713: x dF/dx. */
export const inputXGradient = defineMethod({
  family: "gradient", form: "pixels", parameters: {},
  run: async (context) => {
    const { gradient } = await context.gradientAtInput();
    return { attribution: { shape: context.input.shape, data: gradient.map((slope, i) => slope * context.x[i]!) } };
  },
});
