/** @file The CAM methods that need layers' activations and gradients, and a formula: one compiled program serves all of them. */
import type { MethodContext } from "../context.js";
import { defineMethod, type MethodResult } from "../method.js";
import { combineLayers } from "./combineLayers.js";
import { elementwise, gradCam, hiResCam, layerCam, xGradCam, type CamFormula } from "./formulas.js";
import { gradCamPlusPlus, gradCamPlusPlusVariants } from "./gradCamPlusPlus.js";
import { layerMap, type LayerMap } from "./layerMap.js";
import { firstComponent } from "./principal.js";

const shared = { family: "cam", form: "grid", layers: "many" } as const;

/** The map of every layer by a formula, which may depend on the explained score. */
async function camAtLayers(context: MethodContext, formula: (score: number) => CamFormula): Promise<MethodResult> {
  const values = await context.atLayers();
  const { score } = await context.atInput();
  const cam = formula(score);
  return combineLayers(context, values.map(({ layer, activation, gradient }) => ({ shape: layer.spatial.grid, data: cam(layerMap(layer, activation), layerMap(layer, gradient)) })));
}

const plain = (formula: CamFormula) => defineMethod({ ...shared, parameters: {}, run: (context) => camAtLayers(context, () => formula) });

export const gradCamMethod = plain(gradCam);
export const layerCamMethod = plain(layerCam);
export const hiResCamMethod = plain(hiResCam);
export const elementwiseMethod = plain(elementwise);

export const gradCamPlusPlusMethod = defineMethod({
  ...shared, parameters: { variant: { kind: "choice", default: "pytorch-grad-cam", choices: gradCamPlusPlusVariants } },
  run: (context, { variant }) => camAtLayers(context, (score) => gradCamPlusPlus(variant, score)),
});

/** What keeps the quotient finite in each library. */
const epsilons = { "pytorch-grad-cam": 1e-7, torchcam: 1e-8 } as const;

export const xGradCamMethod = defineMethod({
  ...shared, parameters: { variant: { kind: "choice", default: "pytorch-grad-cam", choices: ["pytorch-grad-cam", "torchcam"] } },
  run: (context, { variant }) => camAtLayers(context, () => xGradCam(epsilons[variant])),
});

/** `f(g) A` at every place. */
const product = (activation: LayerMap, gradient: LayerMap, f: (g: number) => number): LayerMap => ({ ...activation, data: activation.data.map((a, i) => f(gradient.data[i]!) * a) });

/** pytorch-grad-cam's EigenGradCAM: the first principal component of gradient times activation; `gradient` absolute takes the gradient's size alone, as its SegEigenCAM. */
export const eigenGradCamMethod = defineMethod({
  ...shared, parameters: { gradient: { kind: "choice", default: "signed", choices: ["signed", "absolute"] } },
  run: (context, { gradient: kind }) => camAtLayers(context, () => (activation, gradient) => firstComponent(product(activation, gradient, kind === "absolute" ? Math.abs : (g) => g))),
});

/** EigenCAM (Muhammad & Yeasin, arXiv 2008.00299): needs no gradient, and is the same for every class. */
export const eigenCamMethod = defineMethod({
  ...shared, parameters: {},
  run: async (context) => {
    const activations = await context.activations();
    return combineLayers(context, context.layers.map((layer, i) => ({ shape: layer.spatial.grid, data: firstComponent(layerMap(layer, activations[i]!)) })));
  },
});
