/** @file The registry of attribution methods, in the order people are shown them. */
import { ablationCamMethod } from "./cams/ablationCam.js";
import { eigenCamMethod, eigenGradCamMethod, elementwiseMethod, gradCamMethod, gradCamPlusPlusMethod, hiResCamMethod, layerCamMethod, xGradCamMethod } from "./cams/gradCam.js";
import { scoreCamMethod } from "./cams/scoreCam.js";
import { blurIg } from "./gradients/blurIg.js";
import { deepLift } from "./gradients/deepLift.js";
import { gradientShap } from "./gradients/gradientShap.js";
import { deconvNet, guidedBackprop } from "./gradients/guided.js";
import { guidedGradCam } from "./gradients/guidedGradCam.js";
import { guidedIg } from "./gradients/guidedIg.js";
import { integratedGradients } from "./gradients/integratedGradients.js";
import { lrp } from "./gradients/lrp.js";
import { inputXGradient, saliency } from "./gradients/plain.js";
import { smoothGrad } from "./gradients/smoothGrad.js";
import type { Method } from "./method.js";
import { kernelShap } from "./perturbations/kernelShap.js";
import { lime } from "./perturbations/lime.js";
import { occlusion } from "./perturbations/occlusion.js";
import { rise } from "./perturbations/rise.js";

/** Method id to method. */
export const methods = {
  "grad-cam": gradCamMethod,
  saliency,
  "input-x-gradient": inputXGradient,
  smoothgrad: smoothGrad,
  "integrated-gradients": integratedGradients,
  "gradient-shap": gradientShap,
  "blur-ig": blurIg,
  "guided-ig": guidedIg,
  "guided-backprop": guidedBackprop,
  deconvnet: deconvNet,
  "guided-grad-cam": guidedGradCam,
  deeplift: deepLift,
  lrp,
  "grad-cam++": gradCamPlusPlusMethod,
  "xgrad-cam": xGradCamMethod,
  "layer-cam": layerCamMethod,
  "hires-cam": hiResCamMethod,
  "grad-cam-elementwise": elementwiseMethod,
  "eigen-cam": eigenCamMethod,
  "eigen-grad-cam": eigenGradCamMethod,
  "score-cam": scoreCamMethod,
  "ablation-cam": ablationCamMethod,
  occlusion,
  rise,
  lime,
  "kernel-shap": kernelShap,
} as const;

export type MethodName = keyof typeof methods;

/** The method, with its parameters' types left open. */
export function methodOf(name: MethodName): Method {
  return methods[name] as unknown as Method;
}
