/** @file torchvision's MobileNet V2, V3 and EfficientNet: numbered parts, each a convolution with its norm, a squeeze-and-excitation or a block of such. */
import { hardSigmoid, hardSwish, relu, relu6, sigmoid, silu, type Activation } from "../activations.js";
import type { Weights } from "../weights.js";
import { blockResult, classify, convolve, normalise, pooled, squeezeExcite, type Net } from "./convolutions.js";
import { activated, imageInput, type Family, type Maps, type ModelFacts } from "./family.js";
import { linear } from "../modules.js";

/** What no weight shows. */
interface Style {
  readonly epsilon: number;
  readonly activation: Activation;
  /** Of parts up to this one, the stem excepted, it is ReLU. */
  readonly reluParts?: number;
  readonly squeezed: Activation;
  readonly gate: Activation;
  /** The parts that halve the map beside the stem: blocks, or stages with their first block. */
  readonly halving: readonly number[];
}

const mobileNetV2: Style = { epsilon: 1e-5, activation: relu6, squeezed: relu, gate: sigmoid, halving: [2, 4, 7, 14] };
const mobileNetV3Large: Style = { epsilon: 1e-3, activation: hardSwish, reluParts: 6, squeezed: relu, gate: hardSigmoid, halving: [2, 4, 7, 13] };
const mobileNetV3Small: Style = { ...mobileNetV3Large, reluParts: 3, halving: [1, 2, 4, 9] };
const efficientNet = (epsilon: number): Style => ({ epsilon, activation: silu, squeezed: silu, gate: sigmoid, halving: [2, 3, 4, 6] });

/** `Conv2dNormActivation`: `name.0`, `name.1`, and the activation, whose result is called as the whole. */
function convNormActivation(net: Net, name: string, x: Maps, stride: number, activation: Activation): Maps {
  return activated(net.writer, activation, normalise(net, `${name}.1`, convolve(net, `${name}.0`, x, { stride, isGrouped: isDepthwise(net, `${name}.0`) })), name);
}

const isDepthwise = ({ writer }: Net, name: string) => writer.shapeOf(`${name}.weight`)?.[1] === 1;

/** An inverted residual: parts `0`, `1`, … of the scope. The first window wider than a pixel bears the stride; the last part, unless it is the only one, has no activation. */
function parts(net: Net, x: Maps, stride: number, activation: Activation, style: Style): Maps {
  const { writer } = net;
  let left = stride;
  const strideOf = (name: string) => {
    const now = (writer.shapeOf(`${name}.weight`)?.[2] ?? 1) > 1 ? left : 1;
    left /= now;
    return now;
  };
  const exists = (i: number) => [`${i}.0.weight`, `${i}.fc1.weight`, `${i}.weight`].some((name) => writer.has(name));
  for (let i = 0; exists(i); i++) {
    if (writer.has(`${i}.fc1.weight`)) x = squeezeExcite(net, String(i), x, { reduce: "fc1", expand: "fc2", activation: style.squeezed, gate: style.gate });
    // MobileNet V2 leaves the last convolution and its norm lying as they are.
    else if (writer.has(`${i}.weight`)) return normalise(net, String(i + 1), convolve(net, String(i), x));
    else if (i > 0 && !exists(i + 1)) x = normalise(net, `${i}.1`, convolve(net, `${i}.0`, x));
    else x = convNormActivation(net, String(i), x, strideOf(`${i}.0`), activation);
  }
  return x;
}

function block(net: Net, name: string, x: Maps, stride: number, activation: Activation, style: Style): Maps {
  const { writer } = net;
  return writer.within(name, () => {
    const after = writer.within(writer.has("conv.0.0.weight") ? "conv" : "block", () => parts(net, x, stride, activation, style));
    return blockResult(writer, after, x, stride === 1 && after.channels === x.channels);
  });
}

const write = (styleOf: (facts: ModelFacts) => Style) => (facts: ModelFacts): string => {
  const { writer } = facts;
  const style = styleOf(facts);
  const net: Net = { writer, epsilon: style.epsilon };
  let x = convNormActivation(net, "features.0", imageInput(writer, "features.0.0"), 2, style.activation);
  for (let i = 1; ; i++) {
    const name = `features.${i}`;
    const activation = i <= (style.reluParts ?? 0) ? relu : style.activation;
    const stride = style.halving.includes(i) ? 2 : 1;
    if (writer.has(`${name}.0.weight`)) x = convNormActivation(net, name, x, 1, style.activation);
    else if (writer.has(`${name}.0.block.0.0.weight`)) for (let j = 0; writer.has(`${name}.${j}.block.0.0.weight`); j++) x = block(net, `${name}.${j}`, x, j === 0 ? stride : 1, activation, style);
    else if (writer.has(`${name}.block.0.0.weight`) || writer.has(`${name}.conv.0.0.weight`)) x = block(net, name, x, stride, activation, style);
    else break;
  }
  const features = pooled(writer, x, "avgpool");
  const head = writer.has("classifier.3.weight") ? "classifier.3" : "classifier.1";
  if (!writer.has("classifier.0.weight")) return classify(facts, head, features, x.channels);
  writer.weight("classifier.0.weight", [-1, x.channels]);
  return classify(facts, head, hardSwish(writer, linear(writer, "classifier.0", features), "classifier.1"));
};

const has = (weights: Weights, name: string) => weights.get(name) !== undefined;

export const torchvisionMobileNetV2: Family = {
  name: "MobileNet V2",
  marks: ["features.0.0.weight", "features.1.conv.0.0.weight", "features.18.0.weight"], head: "classifier.1.weight",
  architectures: /^mobilenet_v2$/,
  guess: () => "mobilenet_v2",
  write: write(() => mobileNetV2),
};

export const torchvisionMobileNetV3: Family = {
  name: "MobileNet V3",
  marks: ["features.0.0.weight", "features.1.block.0.0.weight"], head: "classifier.3.weight",
  architectures: /^mobilenet_v3_(small|large)$/,
  guess: (weights) => (has(weights, "features.1.block.1.fc1.weight") ? "mobilenet_v3_small" : "mobilenet_v3_large"),
  write: write(({ architecture }) => (architecture === "mobilenet_v3_small" ? mobileNetV3Small : mobileNetV3Large)),
};

export const torchvisionEfficientNet: Family = {
  name: "EfficientNet",
  marks: ["features.0.0.weight", "features.1.0.block.0.0.weight", "features.2.0.block.0.0.weight"], head: "classifier.1.weight",
  architectures: /^efficientnet_(b[0-7]|v2_[sml])$/,
  guess: (weights) => {
    if (!has(weights, "features.1.0.block.2.0.weight")) return "efficientnet_v2_s";
    // From b5 on, three blocks or more are in the first stage; and their norms have another epsilon.
    return has(weights, "features.1.2.block.0.0.weight") ? "efficientnet_b5" : "efficientnet_b0";
  },
  write: write(({ architecture }) => efficientNet(/_b[0-4]$/.test(architecture) ? 1e-5 : 1e-3)),
};
