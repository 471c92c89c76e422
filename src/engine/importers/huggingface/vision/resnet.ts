/** @file ResNet as transformers writes it. */
import type { Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { batchNorm, conv2d } from "../../modules.js";
import { activationOption, type Activation } from "../activations.js";
import { flagOption, refuseOption, wordOption } from "../options.js";
import { anySize, classifier, features, imageArchitecture, meanOfMap } from "./imageModel.js";
import { sizesOption } from "./imageOptions.js";

const relu: Activation = (writer, x, module) => writer.add("Relu", [x], {}, module);

/** `ResNetConvLayer`: convolution, batch norm and, with `activation`, a function. */
function convLayer(writer: GraphWriter, name: string, x: string, stride: number, activation?: Activation): string {
  return writer.within(name, () => {
    const kernel = writer.shapeOf("convolution.weight")?.[2] ?? 1;
    const normalised = batchNorm(writer, "normalization", conv2d(writer, "convolution", x, { stride, padding: Math.floor(kernel / 2) }));
    return activation ? activation(writer, normalised, "") : normalised;
  });
}

/** A residual layer; where its strides lie is the only difference between its kinds, since kernels are what the weights are. */
function residual(writer: GraphWriter, x: string, strides: readonly number[], activation: Activation): string {
  const kept = writer.has("shortcut.convolution.weight") ? convLayer(writer, "shortcut", x, Math.max(...strides)) : x;
  const changed = strides.reduce((value, stride, i) => convLayer(writer, `layer.${i}`, value, stride, i < strides.length - 1 ? relu : undefined), x);
  return activation(writer, writer.add("Add", [changed, kept]), "");
}

/** The strides of a layer's convolutions. */
const stridesOf: Readonly<Record<string, (stride: number, early: boolean) => readonly number[]>> = {
  basic: (stride) => [stride, 1],
  bottleneck: (stride, early) => (early ? [stride, 1, 1] : [1, stride, 1]),
};

function states(writer: GraphWriter, config: Fields, pixels: string): string {
  const kind = wordOption(config, "layer_type", "bottleneck");
  const strides = Object.hasOwn(stridesOf, kind) ? stridesOf[kind]! : refuseOption(writer, config, "layer_type");
  const early = flagOption(config, "downsample_in_bottleneck", false);
  const activation = activationOption(writer, config, "hidden_act", "relu");
  const stem = convLayer(writer, "embedder.embedder", pixels, 2, activation);
  const pooled = writer.add("MaxPool", [stem], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, "embedder.pooler");
  return sizesOption(config, "depths", [3, 4, 6, 3]).reduce((map, depth, stage) => {
    for (let layer = 0; layer < depth; layer++) {
      const stride = layer === 0 && (stage > 0 || flagOption(config, "downsample_in_first_stage", false)) ? 2 : 1;
      map = writer.within(`encoder.stages.${stage}.layers.${layer}`, () => residual(writer, map, strides(stride, early), activation));
    }
    return map;
  }, pooled);
}

export const resnet = imageArchitecture({
  body: "resnet", probe: "embedder.embedder.convolution.weight", size: anySize, states,
  heads: { ForImageClassification: classifier(meanOfMap, "classifier.1"), Model: features(meanOfMap) },
});
