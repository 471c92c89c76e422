/** @file What each recorded array is, in this project's words: the method and parameters that must give it. */
import type { MethodName } from "../../src/engine/attribution/methods.js";
import type { GivenParameters, PlainTensor } from "../../src/engine/attribution/parameters.js";
import { relu } from "../../src/engine/attribution/maps.js";
import type { Attribution } from "../../src/engine/attribution/attribute.js";
import type { Score } from "../../src/engine/attribution/target.js";
import type { Tensor } from "../../src/engine/ir/tensor.js";
import { defaultHeatmap } from "../../src/drawing/heatmap.js";

/** One array and how to make it. */
export interface MethodCase {
  readonly method: MethodName;
  readonly score: Score;
  /** The torch name of the layer. */
  readonly layer: string | undefined;
  readonly parameters: GivenParameters;
  /** From the result to what was recorded. */
  readonly view: (found: Attribution, size: readonly [number, number]) => ArrayLike<number>;
  /** `max |a - b| / max |b|`, 1e-4 for gradients, Integrated Gradients and raw CAMs, 1e-3 for chained products; or absolute, for completeness gaps. */
  readonly tolerance: number;
  readonly isAbsolute: boolean;
  /** The sign of a singular vector is arbitrary. */
  readonly anySign: boolean;
}

type Arrays = ReadonlyMap<string, Tensor>;
type Found = readonly [method: MethodName, parameters?: GivenParameters, more?: Partial<MethodCase>];

const raw: MethodCase["view"] = ({ attribution }) => attribution.data;
const camFinal: MethodCase["view"] = ({ attribution }, size) => defaultHeatmap(attribution, { form: "grid", drawn: "max-abs" }, size).data;

const camNames: Readonly<Record<string, MethodName>> = {
  gradcam: "grad-cam", gradcampp: "grad-cam++", xgradcam: "xgrad-cam", layercam: "layer-cam", hirescam: "hires-cam", gradcam_elementwise: "grad-cam-elementwise",
  eigencam: "eigen-cam", eigengradcam: "eigen-grad-cam", seg_eigencam: "eigen-grad-cam", scorecam: "score-cam",
};
const rules: Readonly<Record<string, string>> = { gausslegendre: "gauss-legendre", riemann_right: "riemann-right" };
const smoothGrads: Readonly<Record<string, GivenParameters>> = { smoothgrad: {}, smoothgrad_sq: { statistic: "squared" }, vargrad: { statistic: "variance" }, smoothgrad_abs: { magnitude: true } };

const plain = (arrays: Arrays, name: string): PlainTensor => {
  const { shape, data } = arrays.get(name)!;
  return { shape, data: data as Float32Array };
};

/** The second image was recorded with the first one's baselines where it has none of its own. */
const baselineOf = (arrays: Arrays, image: string, name: string) => plain(arrays, arrays.has(`${image}/baseline/${name}`) ? `${image}/baseline/${name}` : `x0/baseline/${name}`);

/** Pattern of an array's name behind `x0/pred/` to the case; `image` is "x0". */
const patterns: readonly (readonly [RegExp, (match: readonly string[], arrays: Arrays, image: string) => Found])[] = [
  [/^gradient$/, () => ["saliency"]],
  [/^gradient_x_input$/, () => ["input-x-gradient"]],
  [/^gradient_of_probability$/, () => ["saliency", {}, { score: "softmax" }]],
  [/^ig\/(\w+)\/(\w+)$/, ([baseline, rule], arrays, image) => ["integrated-gradients", { rule: rules[rule!]!, baseline: baselineOf(arrays, image, baseline!) }]],
  [/^ig\/(\w+)\/(\w+)\/delta$/, ([baseline, rule], arrays, image) => [
    "integrated-gradients", { rule: rules[rule!]!, baseline: baselineOf(arrays, image, baseline!) }, { view: ({ completeness }) => [completeness!.gap], isAbsolute: true, tolerance: 2e-3 },
  ]],
  [/^(smoothgrad|smoothgrad_sq|vargrad|smoothgrad_abs)$/, ([kind], arrays, image) => ["smoothgrad", { ...smoothGrads[kind!], perturbations: plain(arrays, `${image}/smoothgrad/noise`) }]],
  [/^guided_backprop$/, () => ["guided-backprop"]],
  [/^deconvolution$/, () => ["deconvnet"]],
  [/^guided_gradcam\/(.+)\/(nearest|bilinear)$/, ([layer, interpolation]) => ["guided-grad-cam", { interpolation: interpolation! }, { layer: layer! }]],
  [/^cam\/(.+)\/scorecam\/raw$/, ([layer]) => ["score-cam", {}, { layer: layer!, tolerance: 1e-3 }]],
  [/^cam\/(.+)\/(gradcampp)\/raw$/, ([layer]) => ["grad-cam++", {}, { layer: layer!, tolerance: 1e-3 }]],
  [/^cam\/(.+)\/(eigencam|eigengradcam)\/raw$/, ([layer, kind]) => [camNames[kind!]!, {}, { layer: layer!, anySign: true }]],
  // SegEigenCAM projects |g| A.
  [/^cam\/(.+)\/seg_eigencam\/raw$/, ([layer]) => ["eigen-grad-cam", { gradient: "absolute" }, { layer: layer! }]],
  [/^cam\/(.+)\/seg_eigencam\/final$/, ([layer]) => ["eigen-grad-cam", { gradient: "absolute" }, { layer: layer!, view: camFinal, tolerance: 1e-3 }]],
  [/^cam\/(.+)\/(\w+)\/raw$/, ([layer, kind]) => [camNames[kind!]!, {}, { layer: layer! }]],
  [/^cam\/(.+)\/(\w+)\/final$/, ([layer, kind]) => [camNames[kind!]!, {}, { layer: layer!, view: camFinal, tolerance: 1e-3 }]],
  [/^cam\/(.+)\/captum_layergradcam$/, ([layer]) => ["grad-cam", {}, { layer: layer! }]],
  [/^cam\/(.+)\/captum_layergradcam_relu$/, ([layer]) => ["grad-cam", {}, { layer: layer!, view: ({ attribution }) => relu(attribution).data }]],
  [/^occlusion\/w(\d+)s(\d+)$/, ([window, stride], arrays, image) => [
    "occlusion", { window: Number(window), stride: Number(stride), fill: "mean" },
    // Captum repeats the map for every channel.
    { view: ({ attribution: { data } }) => Float32Array.from({ length: arrays.get(image)!.data.length }, (_, i) => data[i % data.length]!) },
  ]],
  [/^deeplift\/(\w+)$/, ([baseline], arrays, image) => ["deeplift", { baseline: baselineOf(arrays, image, baseline!), products: "gradient", pool: "gradient" }]],
  [/^deeplift\/(\w+)\/delta$/, ([baseline], arrays, image) => [
    "deeplift", { baseline: baselineOf(arrays, image, baseline!), products: "gradient", pool: "gradient" }, { view: ({ completeness }) => [completeness!.gap], isAbsolute: true, tolerance: 2e-3 },
  ]],
  [/^lrp$/, () => ["lrp", { rule: "epsilon", epsilon: 1e-9 }]],
  // Captum takes the sum from the logit, we the logit from the sum.
  [/^lrp\/delta$/, () => ["lrp", { rule: "epsilon", epsilon: 1e-9 }, { view: ({ completeness }) => [-completeness!.gap], isAbsolute: true, tolerance: 2e-3 }]],
];

/** Arrays that are no result of a method, each with the reason. */
export const noMethod: readonly (readonly [RegExp, string])[] = [
  [/^(attention_gradient|relevancy_chefer.*)$/, "attention, recorded for the attention views"],
  [/^cam\/.+\/captum_layergradcam_relu_up_\w+$/, "upsampling, which the drawing tests hold against these"],
];

/**
 * The case of an array by its name behind the image and class; `undefined` for one that no method gives (see `noMethod`). The sign of EigenCAM's final map is LAPACK's: where the recorded raw map
 * breaks our sign rule (the larger extreme is positive), its final map shows the other half, and is none of ours.
 */
export function caseOf(name: string, arrays: Arrays, image: string, prefix: string): MethodCase | undefined {
  for (const [pattern, read] of patterns) {
    const match = pattern.exec(name);
    if (!match) continue;
    const [method, parameters = {}, more = {}] = read(match.slice(1), arrays, image);
    if (/\/(eigencam|eigengradcam)\/final$/.test(name) && isFlipped(arrays.get(prefix + name.replace(/final$/, "raw"))!)) return undefined;
    return { method, parameters, score: "logit", layer: undefined, view: raw, tolerance: 1e-4, isAbsolute: false, anySign: false, ...more };
  }
  return undefined;
}

/** Whether a map's smallest value is further from zero than its largest. */
export function isFlipped({ data }: Tensor): boolean {
  const values = Array.from(data as Float32Array);
  return -Math.min(...values) > Math.max(...values);
}
