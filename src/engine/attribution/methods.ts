/** @file The registry of attribution methods, in the order people are shown them. */
import { ablationCamMethod } from "./cams/ablationCam.js";
import { eigenCamMethod, eigenGradCamMethod, elementwiseMethod, gradCamMethod, gradCamPlusPlusMethod, hiResCamMethod, layerCamMethod, xGradCamMethod } from "./cams/gradCam.js";
import { scoreCamMethod } from "./cams/scoreCam.js";
import { inputXGradient, saliency } from "./gradients/plain.js";
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
