/** @file MobileNetV2, whose widths are what the weights are, and whose padding may be TensorFlow's. */
import type { Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { batchNorm, conv2d } from "../../modules.js";
import { activationOption, type Activation } from "../activations.js";
import { flagOption, numberOption, sizeOption } from "../options.js";
import { anySize, classifier, features, imageArchitecture, meanOfMap } from "./imageModel.js";

/** Of the sixteen inverted residuals. */
const strides = [2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1];

/** What every convolution of a model shares. */
interface Shared {
  readonly writer: GraphWriter;
  readonly epsilon: number;
  readonly isPaddedAsTensorFlow: boolean;
  readonly activation: Activation;
}

interface Windows {
  readonly stride?: number;
  readonly dilation?: number;
  readonly isDepthwise?: boolean;
  readonly isLinear?: boolean;
}

/** `MobileNetV2ConvLayer`: convolution, batch norm and, unless linear, the activation. */
function convLayer({ writer, epsilon, isPaddedAsTensorFlow, activation }: Shared, name: string, x: string, { stride = 1, dilation = 1, isDepthwise = false, isLinear = false }: Windows = {}): string {
  return writer.within(name, () => {
    const [out = 1, , kernel = 1] = writer.shapeOf("convolution.weight") ?? [];
    const groups = isDepthwise ? out : 1;
    const padding = isPaddedAsTensorFlow ? "same" : Math.floor((kernel - 1) / 2) * dilation;
    const normalised = batchNorm(writer, "normalization", conv2d(writer, "convolution", x, { stride, dilation, groups, padding }), epsilon);
    return isLinear ? normalised : activation(writer, normalised, "");
  });
}

/** An inverted residual. */
function residual(shared: Shared, x: string, windows: Windows): string {
  const { writer } = shared;
  const isAdded = (windows.stride ?? 1) === 1 && writer.shapeOf("expand_1x1.convolution.weight")?.[1] === writer.shapeOf("reduce_1x1.convolution.weight")?.[0];
  const spread = convLayer(shared, "conv_3x3", convLayer(shared, "expand_1x1", x), { ...windows, isDepthwise: true });
  const reduced = convLayer(shared, "reduce_1x1", spread, { isLinear: true });
  return isAdded ? writer.add("Add", [x, reduced], {}, "") : reduced;
}

function states(writer: GraphWriter, config: Fields, pixels: string): string {
  const shared: Shared = {
    writer, epsilon: numberOption(config, "layer_norm_eps", 0.001), isPaddedAsTensorFlow: flagOption(config, "tf_padding", true), activation: activationOption(writer, config, "hidden_act", "relu6"),
  };
  const stem = writer.within("conv_stem", () => {
    const first = convLayer(shared, "first_conv", pixels, { stride: 2 });
    const expanded = writer.has("expand_1x1.convolution.weight") ? convLayer(shared, "expand_1x1", first) : first;
    return convLayer(shared, "reduce_1x1", convLayer(shared, "conv_3x3", expanded, { isDepthwise: true }), { isLinear: true });
  });
  const outputStride = sizeOption(config, "output_stride", 32);
  let [reached, dilation] = [2, 1];
  const last = strides.reduce((map, wanted, i) => {
    // Once maps are as coarse as the config allows, later strides become dilations, from the next layer on.
    const isCoarse = reached === outputStride;
    const windows = isCoarse ? { stride: 1, dilation } : { stride: wanted };
    if (isCoarse) dilation *= wanted;
    else reached *= wanted;
    return writer.within(`layer.${i}`, () => residual(shared, map, windows));
  }, stem);
  return convLayer(shared, "conv_1x1", last);
}

export const mobilenetV2 = imageArchitecture({
  body: "mobilenet_v2", probe: "conv_stem.first_conv.convolution.weight", size: anySize, states,
  heads: { ForImageClassification: classifier(meanOfMap), Model: features(meanOfMap) },
});
