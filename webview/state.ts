/** @file What the page shows, in sentences derived from the host's last state. */
import type { Explanation, MethodId, PanelState } from "../src/protocol/api.js";
import { insensitiveMethods } from "../src/protocol/control.js";
import { percent } from "./numbers.js";
import { t, type Source } from "./strings.js";

/** The names people know the methods by. */
export const methodNames: Readonly<Record<MethodId, Source>> = {
  "grad-cam": "Grad-CAM", saliency: "Saliency", "input-x-gradient": "Input × Gradient",
  smoothgrad: "SmoothGrad", "integrated-gradients": "Integrated Gradients", "gradient-shap": "GradientSHAP", "blur-ig": "Blur IG", "guided-ig": "Guided IG",
  "guided-backprop": "Guided Backpropagation", deconvnet: "Deconvolution Network", "guided-grad-cam": "Guided Grad-CAM", deeplift: "DeepLIFT", lrp: "Layer-wise Relevance Propagation",
  "grad-cam++": "Grad-CAM++", "xgrad-cam": "XGrad-CAM", "layer-cam": "LayerCAM", "hires-cam": "HiResCAM", "grad-cam-elementwise": "Grad-CAM, element by element",
  "eigen-cam": "EigenCAM", "eigen-grad-cam": "EigenGradCAM", "score-cam": "Score-CAM", "ablation-cam": "Ablation-CAM",
  occlusion: "Occlusion", rise: "RISE", lime: "LIME", "kernel-shap": "KernelSHAP",
};

/** The name as pickers show it: methods whose maps look the same with random weights say so. */
export function methodLabel(id: MethodId): string {
  const method = t(methodNames[id]);
  return insensitiveMethods.has(id) ? t("{method} · same with random weights", { method }) : method;
}

/** Where the page stands, for styles and tests. */
export function pageState({ failure, busy, image, explanation }: PanelState): "loading" | "computing" | "done" | "failed" {
  if (failure) return "failed";
  if (busy) return image ? "computing" : "loading";
  return explanation ? "done" : "loading";
}

/** "pug.jpg · resnet50 · tabby 45.2 % rather than Egyptian cat · Grad-CAM at layer4": what the picture shows, not what is asked for. */
export function titleParts({ imageName, modelName, explanation }: PanelState): string[] {
  const parts = [imageName, modelName.replace(/\.onnx$/i, "")];
  if (!explanation) return parts;
  return [...parts, targetText(explanation), methodAt(explanation)];
}

/** The explained class with its probability, and the class it is held against. */
export function targetText({ target, versus }: Pick<Explanation, "target" | "versus">): string {
  const text = `${target.label} ${percent(target.probability)}`;
  return versus ? t("{class} rather than {other}", { class: text, other: versus.label }) : text;
}

/** The method, with its layers where it has any. */
export function methodAt(explanation: Pick<Explanation, "method" | "layer">): string {
  const method = t(methodNames[explanation.method]);
  return explanation.layer === undefined ? method : t("{method} at {layer}", { method, layer: shortLayers(explanation.layer) });
}

/** The short names of layers that are separated by ", ". */
export function shortLayers(names: string): string {
  return names.split(", ").map(shortLayer).join(", ");
}

/** Exported names repeat themselves: "/layer4/layer4.2/relu/Relu_output_0" is "layer4.2/relu" here, as different from its neighbours as the full name. */
export function shortLayer(name: string): string {
  const parts = name.replace(/_output_\d+$/, "").split("/").filter((part) => part !== "");
  const [module, operator] = parts.slice(-2);
  // "relu" says what "Relu" says; an operator with a number is one of several of its module.
  if (operator !== undefined && !/_\d+$/.test(operator) && module?.toLowerCase().startsWith(operator.toLowerCase())) parts.pop();
  const telling = parts.filter((part, i) => !parts[i + 1]?.startsWith(`${part}.`));
  return telling.length === 0 ? name : telling.join("/");
}

/** A class's name by its index. */
export function classLabel(explanation: { readonly model: Pick<Explanation["model"], "labels"> }, index: number): string {
  return explanation.model.labels?.[index] ?? t("class {index}", { index });
}
