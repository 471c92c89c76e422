/** @file timm's EfficientNets, MobileNets and their kin: stages of blocks, whose kinds the names of their weights tell. */
import { hardSigmoid, hardSwish, relu, relu6, sigmoid, silu, type Activation } from "../activations.js";
import type { Weights } from "../weights.js";
import { blockResult, classify, convolve, normaliseAndActivate, normalise, pooled, squeezeExcite, type Excitation, type Net } from "./convolutions.js";
import { activated, imageInput, type Family, type Maps, type ModelFacts } from "./family.js";

/** What a row of architectures has in common that no weight shows. */
interface Style {
  readonly activation: Activation;
  /** The first stages' activation is ReLU. */
  readonly reluStages?: number;
  readonly gate?: Activation;
  /** Inside squeeze-and-excitation; the block's own unless given. */
  readonly squeezed?: Activation;
  /** The stride of each stage. */
  readonly strides?: readonly number[];
  /** Whether depthwise separable blocks end with an activation. */
  readonly isSeparableActive?: boolean;
  /** Whether the first stage has a shortcut. */
  readonly isFirstWithoutShortcut?: boolean;
  readonly epsilon?: number;
}

const usualStrides = [1, 2, 2, 2, 1, 2, 1];
const smallStrides = [2, 2, 2, 1, 2, 1];
const mobileNetV3: Style = { activation: hardSwish, reluStages: 3, gate: hardSigmoid, squeezed: relu };

/** The first row that fits. "tf_" and "_pruned" are read elsewhere. */
const styles: readonly (readonly [RegExp, Style])[] = [
  [/^efficientnet_(es|em|el)(_pruned)?$/, { activation: relu }],
  [/^efficientnet_lite\d$/, { activation: relu6 }],
  [/^(efficientnet(v2)?_(b\d|l2|s|m|l|xl|rw_[tsm])|tinynet_[a-e])(a|_pruned|_aa|_ap|_ns|_ns_475|_in21k|_in21ft1k)?$/, { activation: silu }],
  [/^mobilenetv1_\d+h?$/, { activation: relu6, strides: [1, 2, 2, 2, 2], isSeparableActive: true }],
  [/^mobilenetv2_\d+d?$/, { activation: relu6 }],
  [/^((se)?mnasnet_\w+|spnasnet_100|fbnetc_100)$/, { activation: relu }],
  [/^mobilenetv3_small_minimal_100$/, { activation: relu, strides: smallStrides }],
  [/^mobilenetv3_large_minimal_100$/, { activation: relu }],
  [/^mobilenetv3_small_\d+$/, { ...mobileNetV3, reluStages: 2, strides: smallStrides }],
  [/^mobilenetv3_large_\d+d?(_miil|_miil_in21k)?$/, mobileNetV3],
  [/^mobilenetv3_rw$/, { activation: hardSwish, reluStages: 3, gate: hardSigmoid, isFirstWithoutShortcut: true, epsilon: 1e-3 }],
  [/^lcnet_\d+$/, { ...mobileNetV3, reluStages: 0, strides: [1, 2, 2, 2, 1, 2], isSeparableActive: true }],
];

const isTensorFlows = (architecture: string) => architecture.startsWith("tf_") || /^efficientnet_b[123]_pruned$/.test(architecture);
const styleOf = (architecture: string) => styles.find(([pattern]) => pattern.test(architecture.replace(/^tf_/, "")))?.[1];

/** A block as its stage has it. */
interface BlockContext {
  readonly net: Net;
  readonly stride: number;
  readonly activation: Activation;
  readonly excitation: Excitation;
  readonly isSeparableActive: boolean;
}

/** The kinds of blocks, each by a weight that the kinds after it lack. */
const blocks: readonly (readonly [mark: string, write: (x: Maps, context: BlockContext) => Maps])[] = [
  // The edge residual: a whole convolution in place of the first two of the next.
  ["conv_exp.weight", (x, context) => {
    const { net, stride, activation } = context;
    const expanded = normaliseAndActivate(net, "bn1", convolve(net, "conv_exp", x, { stride }), activation);
    return normalise(net, "bn2", convolve(net, "conv_pwl", excited(expanded, context)));
  }],
  // The inverted residual.
  ["conv_pwl.weight", (x, context) => {
    const { net, stride, activation } = context;
    const expanded = normaliseAndActivate(net, "bn1", convolve(net, "conv_pw", x), activation);
    const spread = normaliseAndActivate(net, "bn2", convolve(net, "conv_dw", expanded, { stride, isGrouped: true }), activation);
    return normalise(net, "bn3", convolve(net, "conv_pwl", excited(spread, context)));
  }],
  // Depthwise separable.
  ["conv_dw.weight", (x, context) => {
    const { net, stride, activation, isSeparableActive } = context;
    const spread = normaliseAndActivate(net, "bn1", convolve(net, "conv_dw", x, { stride, isGrouped: true }), activation);
    const mixed = convolve(net, "conv_pw", excited(spread, context));
    return isSeparableActive ? normaliseAndActivate(net, "bn2", mixed, activation) : normalise(net, "bn2", mixed);
  }],
  ["conv.weight", (x, { net, stride, activation }) => normaliseAndActivate(net, "bn1", convolve(net, "conv", x, { stride }), activation)],
];

function excited(x: Maps, { net, excitation }: BlockContext): Maps {
  return net.writer.has("se.conv_reduce.weight") ? squeezeExcite(net, "se", x, excitation) : x;
}

function write(facts: ModelFacts): string {
  const { writer, architecture } = facts;
  const style = styleOf(architecture)!;
  const isPaddedAsTensorFlow = isTensorFlows(architecture);
  const net: Net = { writer, isPaddedAsTensorFlow, epsilon: style.epsilon ?? (isPaddedAsTensorFlow ? 1e-3 : 1e-5) };
  const { activation, strides = usualStrides, reluStages = 0, isSeparableActive = false } = style;
  const kindOf = (path: string) => blocks.find(([mark]) => writer.has(`${path}.${mark}`));
  let x = normaliseAndActivate(net, "bn1", convolve(net, "conv_stem", imageInput(writer, "conv_stem"), { stride: 2 }), activation);
  for (let stage = 0; kindOf(`blocks.${stage}.0`); stage++) {
    const own = stage < reluStages ? relu : activation;
    const excitation: Excitation = { reduce: "conv_reduce", expand: "conv_expand", activation: style.squeezed ?? own, gate: style.gate ?? sigmoid };
    for (let i = 0, kind = kindOf(`blocks.${stage}.0`); kind; kind = kindOf(`blocks.${stage}.${++i}`)) {
      const stride = i === 0 ? (strides[stage] ?? 1) : 1;
      const [, writeBlock] = kind;
      const before = x;
      const isAlone = (style.isFirstWithoutShortcut === true && stage === 0) || (isSeparableActive && kind[0] === "conv_dw.weight");
      x = writer.within(`blocks.${stage}.${i}`, () => {
        const after = writeBlock(before, { net, stride, activation: own, excitation, isSeparableActive });
        return blockResult(writer, after, before, stride === 1 && after.channels === before.channels && !isAlone);
      });
    }
  }
  return head(facts, net, x, activation);
}

/** EfficientNet's last convolution stands before the pooling, MobileNetV3's behind it. */
function head(facts: ModelFacts, net: Net, x: Maps, activation: Activation): string {
  const { writer } = facts;
  if (!writer.has("conv_head.weight")) return classify(facts, "classifier", pooled(writer, x, "global_pool"), x.channels);
  if (writer.has("bn2.weight")) {
    const last = normaliseAndActivate(net, "bn2", convolve(net, "conv_head", x), activation);
    return classify(facts, "classifier", pooled(writer, last, "global_pool"), last.channels);
  }
  const mean: Maps = { value: writer.add("GlobalAveragePool", [x.value], {}, "global_pool"), channels: x.channels };
  const hidden = activated(writer, activation, convolve(net, "conv_head", mean), "act2");
  return classify(facts, "classifier", writer.add("Flatten", [hidden.value], { axis: 1 }), hidden.channels);
}

/** TensorFlow's models ("tf_") have the same weights as others and are known by their names only; where none is given, those are taken whose weights are published. */
function guess(weights: Weights, named: string | undefined): string | undefined {
  const told = toldByWeights(weights);
  return named !== undefined && (told === undefined || styleOf(told) === styleOf(named)) ? named : told;
}

function toldByWeights(weights: Weights): string | undefined {
  const has = (name: string) => weights.get(name) !== undefined;
  const [firstKernel, thirdKernel] = ["blocks.0.0.conv_dw.weight", "blocks.2.0.conv_dw.weight"].map((name) => weights.get(name)?.shape[2]);
  const [wide = 0, narrow = 1] = weights.get("blocks.2.0.conv_pw.weight")?.shape ?? [];
  if (has("blocks.1.0.conv_exp.weight")) return has("blocks.3.0.se.conv_reduce.weight") && has("blocks.5.0.conv_pwl.weight") && !has("blocks.1.0.se.conv_reduce.weight") ? (has("blocks.0.0.conv.weight") ? "tf_efficientnetv2_s" : "efficientnetv2_rw_s") : undefined;
  if (!has("bn2.weight")) {
    if (has("blocks.0.0.se.conv_reduce.weight") && has("blocks.5.0.conv.weight")) return "mobilenetv3_small_100";
    return has("blocks.2.0.se.conv_reduce.weight") && has("conv_head.bias") && has("blocks.6.0.conv.weight") ? "mobilenetv3_large_100" : undefined;
  }
  if (has("blocks.0.0.se.conv_reduce.weight") && firstKernel === 3) return "efficientnet_b0";
  if (weights.names.some((name) => name.includes(".se."))) return undefined;
  if (has("blocks.0.0.conv_dw.weight") && !has("blocks.0.0.conv_pwl.weight") && wide === 6 * narrow) return thirdKernel === 5 ? "efficientnet_lite0" : "mobilenetv2_100";
  return undefined;
}

export const efficientnet: Family = {
  name: "EfficientNet",
  marks: ["conv_stem.weight", "bn1.running_mean"], head: "classifier.weight",
  architectures: new RegExp(`^(tf_)?(${styles.map(([{ source }]) => source.slice(1, -1)).join("|")})$`),
  guess,
  twin: (architecture) => (/^mobilenetv2_|_rw_/.test(architecture) ? undefined : architecture.startsWith("tf_") ? architecture.slice("tf_".length) : `tf_${architecture}`),
  write,
};
