/** @file Grad-CAM++ (Chattopadhay et al., arXiv 1710.11063) as each library computes it; they differ by more than a scale. */
import { overPlaces, weighted, type CamFormula } from "./formulas.js";
import type { LayerMap } from "./layerMap.js";

export const gradCamPlusPlusVariants = ["pytorch-grad-cam", "torchcam", "torchcam-as-run", "xplique", "tf-keras-vis"] as const;
type GradCamPlusPlusVariant = (typeof gradCamPlusPlusVariants)[number];

/** The weight of channel c, of activation A, gradient g and the explained score. */
type Weight = (activation: LayerMap, gradient: LayerMap, c: number, score: number) => number;

/** Beyond this `exp(score)`, which only scales the map, would leave float32. */
const largestScore = 60;

const sum = (map: LayerMap, c: number) => overPlaces(map, c, (i) => map.data[i]!);

/** `g^2 / denominator`, 0 where the gradient is. */
const quotient = (g: number, denominator: number) => (g === 0 || denominator === 0 ? 0 : (g * g) / denominator);

const weights: Readonly<Record<GradCamPlusPlusVariant, Weight>> = {
  /** `sum(relu(g) alpha)`, `alpha = g^2 / (2 g^2 + g^3 sum(A) + 1e-6)`. */
  "pytorch-grad-cam": (activation, gradient, c) => {
    const total = sum(activation, c);
    return overPlaces(gradient, c, (i) => {
      const g = gradient.data[i]!;
      return Math.max(0, g) * quotient(g, 2 * g * g + g ** 3 * total + 1e-6);
    });
  },
  /** As TorchCAM writes it: `alpha = g^2 / (2 g^2 + sum(g^3 A) + 1e-8)`. */
  torchcam: (activation, gradient, c) => {
    const total = overPlaces(gradient, c, (i) => gradient.data[i]! ** 3 * activation.data[i]!);
    return overPlaces(gradient, c, (i) => {
      const g = gradient.data[i]!;
      return Math.max(0, g) * quotient(g, 2 * g * g + total + 1e-8);
    });
  },
  /** As TorchCAM runs (0.1 to 0.4): its division in place works on a masked copy and is lost, so `alpha = g^2`. */
  "torchcam-as-run": (_, gradient, c) => overPlaces(gradient, c, (i) => Math.max(0, gradient.data[i]!) ** 3),
  /** Means where the others take sums: `mean(relu(g) alpha)`, `alpha = g^2 / (2 g^2 + g^3 mean(A))`. */
  xplique: (activation, gradient, c) => {
    const places = activation.data.length / activation.channels;
    const mean = sum(activation, c) / places;
    return overPlaces(gradient, c, (i) => {
      const g = gradient.data[i]!;
      return Math.max(0, g) * quotient(g, 2 * g * g + g ** 3 * mean);
    }) / places;
  },
  /** Derivatives of `exp(score)`, whose factor cancels in alpha; alpha is brought to the sum 1 over the places, where it has one. */
  "tf-keras-vis": (activation, gradient, c, score) => {
    const total = sum(activation, c);
    const alpha = (i: number) => quotient(gradient.data[i]!, 2 * gradient.data[i]! ** 2 + gradient.data[i]! ** 3 * total);
    const all = overPlaces(gradient, c, alpha) || 1;
    return (Math.exp(Math.min(score, largestScore)) * overPlaces(gradient, c, (i) => Math.max(0, gradient.data[i]!) * alpha(i))) / all;
  },
};

/** The formula of one library, for a map whose explained score is `score`. */
export const gradCamPlusPlus = (variant: GradCamPlusPlusVariant, score: number): CamFormula => (activation, gradient) =>
  weighted(activation, (c) => weights[variant](activation, gradient, c, score));
