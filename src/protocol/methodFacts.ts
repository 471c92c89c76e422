/** @file What each method promises and what it is for: the words of the comparison table. The numbers beside them are measured. */
import type { MethodId } from "./api.js";

export interface MethodFacts {
  /** What the values are known to fulfil, whatever the model. */
  readonly guarantee: string;
  readonly use: string;
}

const none = "None";
const complete = "Adds up to the score's difference from the baseline";
const shapley = "Shapley values, as the number of samples grows";

/** English; the reader's language comes from the translations. */
export const methodFacts: Readonly<Record<MethodId, MethodFacts>> = {
  "grad-cam": { guarantee: none, use: "Where a convolutional network looks" },
  "grad-cam++": { guarantee: none, use: "Several objects of one class" },
  "xgrad-cam": { guarantee: none, use: "Where a convolutional network looks" },
  "layer-cam": { guarantee: none, use: "Finer maps from earlier layers" },
  "hires-cam": { guarantee: "Exact where only pooling and one linear layer follow", use: "Where a convolutional network looks" },
  "grad-cam-elementwise": { guarantee: none, use: "Where a convolutional network looks" },
  "eigen-cam": { guarantee: none, use: "What a layer responds to, whatever the class" },
  "eigen-grad-cam": { guarantee: none, use: "The main pattern behind a class at a layer" },
  "score-cam": { guarantee: none, use: "Class maps without gradients" },
  "ablation-cam": { guarantee: none, use: "Class maps without gradients" },
  saliency: { guarantee: none, use: "A quick look" },
  "input-x-gradient": { guarantee: none, use: "A quick look" },
  smoothgrad: { guarantee: none, use: "Less noise" },
  "integrated-gradients": { guarantee: complete, use: "Precise attribution" },
  "gradient-shap": { guarantee: "Adds up to the score's difference on average", use: "Attribution over several baselines" },
  "blur-ig": { guarantee: complete, use: "Attribution without a colour as baseline" },
  "guided-ig": { guarantee: complete, use: "Precise attribution with less noise" },
  "guided-backprop": { guarantee: none, use: "Sharp pictures of what is in the image, hardly of the class" },
  deconvnet: { guarantee: none, use: "Sharp pictures of what is in the image, hardly of the class" },
  "guided-grad-cam": { guarantee: none, use: "Fine detail at the places Grad-CAM finds" },
  deeplift: { guarantee: complete, use: "Precise attribution in one pass" },
  lrp: { guarantee: "Passes the score on from layer to layer", use: "Attribution in one pass" },
  occlusion: { guarantee: "A measured drop of the score", use: "A check without gradients" },
  rise: { guarantee: none, use: "A check without gradients" },
  lime: { guarantee: none, use: "Which regions count" },
  "kernel-shap": { guarantee: shapley, use: "Which regions count" },
};

/** The facts of a method. */
export function factsOf(method: MethodId): MethodFacts {
  return methodFacts[method];
}
