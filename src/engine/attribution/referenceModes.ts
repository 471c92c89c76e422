/** @file What other libraries set by default, method by method, in the words of our parameters. */
import { WhylightError } from "../errors.js";

/** The parameters in which a library's method differs from ours; an empty record says that it has the method with our defaults. */
export type ReferenceParameters = Readonly<Record<string, number | string | boolean>>;

/**
 * Library to method id to parameters. A method that is not listed is not in the library, or differs from ours by more than parameters
 * (Score-CAM of TorchCAM masks with maps scaled before they are enlarged, that of tf-keras-vis takes no softmax).
 * Sources: `captum/attr/_core`, `pytorch_grad_cam`, `torchcam/methods`, `tf_keras_vis`; defaults of functions, not of tutorials.
 * What a library leaves to its caller (Captum's window of an occlusion, the baselines of GradientShap) stays as ours.
 * Captum's baseline 0 lies in the model's own input space, which is `mean` here.
 */
export const referenceParameters: Readonly<Record<string, Readonly<Record<string, ReferenceParameters>>>> = {
  captum: {
    saliency: {},
    "input-x-gradient": {},
    // NoiseTunnel(Saliency): sigma in the units of the model's input, and Saliency takes absolute values of every sample.
    smoothgrad: { samples: 5, sigma: 1, statistic: "mean", magnitude: true },
    "integrated-gradients": { rule: "gauss-legendre", steps: 50, baseline: "mean" },
    "gradient-shap": { samples: 5, noise: 0 },
    "guided-backprop": {},
    deconvnet: {},
    "guided-grad-cam": { interpolation: "nearest" },
    // No rule for products, and its rescaled max pooling never takes effect behind a ReLU module (see deepLiftRules).
    deeplift: { baseline: "mean", products: "gradient", pool: "gradient" },
    lrp: { rule: "epsilon", epsilon: 1e-9 },
    "grad-cam": {},
    occlusion: { fill: "mean" },
    // Features are the caller's in Captum, superpixels here; its Lasso for LIME is our ridge, and its 25 samples of KernelSHAP would not settle 50 superpixels.
    lime: { samples: 50, "kernel-width": 1, fill: "mean" },
    "kernel-shap": { fill: "mean" },
  },
  "pytorch-grad-cam": {
    "grad-cam": {},
    "grad-cam++": { variant: "pytorch-grad-cam" },
    "xgrad-cam": { variant: "pytorch-grad-cam" },
    "layer-cam": {},
    "hires-cam": {},
    "grad-cam-elementwise": {},
    "eigen-cam": {},
    "eigen-grad-cam": {},
    "score-cam": { channels: "all" },
    "ablation-cam": {},
    "guided-backprop": {},
    "guided-grad-cam": { interpolation: "bilinear" },
  },
  torchcam: {
    "grad-cam": {},
    "grad-cam++": { variant: "torchcam" },
    "xgrad-cam": { variant: "torchcam" },
    "layer-cam": {},
  },
  "tf-keras-vis": {
    saliency: {},
    // Saliency with smooth_samples, which the library's examples set to 20; absolute values of every sample.
    smoothgrad: { samples: 20, noise: 0.2, statistic: "mean", magnitude: true },
    "grad-cam": {},
    "grad-cam++": { variant: "tf-keras-vis" },
    "layer-cam": {},
  },
};

/** The operator whose last layer a library takes when nobody names a layer. (Others ask for it, or look for the last activation as we do.) */
const layerOperators: Readonly<Record<string, string>> = { "tf-keras-vis": "Conv" };

/** The layer a library takes by itself; `undefined` for our own choice. `layers` go from first to last. */
export function layerOfLibrary(library: string, layers: readonly { readonly name: string; readonly op: string }[]): string | undefined {
  return layers.findLast(({ op }) => op === layerOperators[library])?.name;
}

/** The parameters that a library's method starts from. Throws `methodNotInLibrary`. */
export function parametersOfLibrary(library: string, method: string): ReferenceParameters {
  const known = referenceParameters[library] ?? {};
  const found = known[method];
  if (found === undefined) throw new WhylightError("methodNotInLibrary", { library, method, methods: Object.keys(known).join(", ") });
  return found;
}
