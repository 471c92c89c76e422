/** @file ConvNeXt, version 1 (scaled layers) and 2 (global response normalisation). */
import type { Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { conv2d, layerNorm, linear } from "../../modules.js";
import { activationOption, type Activation } from "../activations.js";
import { numberOption } from "../options.js";
import { anySize, channelNorm, classifier, features, imageArchitecture, meanOfMap, type HeadContext } from "./imageModel.js";
import { pairOption, sizesOption } from "./imageOptions.js";

/** Written into the library's modules, whatever the config says of the last norm. */
const epsilon = 1e-6;

/** Global response normalisation of a map with its channels last. */
export function responseNorm(writer: GraphWriter, x: string): string {
  const response = writer.add("ReduceL2", [x, writer.ints([1, 2])], { keepdims: 1 });
  const mean = writer.add("Add", [writer.add("ReduceMean", [response, writer.ints([-1])], { keepdims: 1 }), writer.scalar(epsilon)]);
  const scaled = writer.add("Mul", [x, writer.add("Div", [response, mean])]);
  return writer.add("Add", [writer.add("Add", [writer.add("Mul", [writer.weight("weight"), scaled]), writer.weight("bias")]), x], {}, "");
}

function layer(writer: GraphWriter, x: string, activation: Activation): string {
  const spread = conv2d(writer, "dwconv", x, { padding: 3, groups: writer.shapeOf("dwconv.weight")?.[0] ?? 1 });
  const last = layerNorm(writer, "layernorm", writer.add("Transpose", [spread], { perm: [0, 2, 3, 1] }), epsilon);
  const wide = activation(writer, linear(writer, "pwconv1", last), "act");
  const responded = writer.has("grn.weight") ? writer.within("grn", () => responseNorm(writer, wide)) : wide;
  const narrow = linear(writer, "pwconv2", responded);
  const scaled = writer.has("layer_scale_parameter") ? writer.add("Mul", [writer.weight("layer_scale_parameter"), narrow]) : narrow;
  return writer.add("Add", [x, writer.add("Transpose", [scaled], { perm: [0, 3, 1, 2] })], {}, "");
}

function states(writer: GraphWriter, config: Fields, pixels: string): string {
  const activation = activationOption(writer, config, "hidden_act", "gelu");
  const patches = conv2d(writer, "embeddings.patch_embeddings", pixels, { stride: pairOption(config, "patch_size", 4) });
  const embedded = channelNorm(writer, patches, (x) => layerNorm(writer, "embeddings.layernorm", x, epsilon));
  return sizesOption(config, "depths", [3, 3, 9, 3]).reduce((map, depth, stage) => writer.within(`encoder.stages.${stage}`, () => {
    if (stage > 0) map = conv2d(writer, "downsampling_layer.1", channelNorm(writer, map, (x) => layerNorm(writer, "downsampling_layer.0", x, epsilon)), { stride: 2 });
    for (let i = 0; i < depth; i++) map = writer.within(`layers.${i}`, () => layer(writer, map, activation));
    return map;
  }), embedded);
}

const pooled = (context: HeadContext) => context.inBody(() => layerNorm(context.writer, "layernorm", meanOfMap(context), numberOption(context.config, "layer_norm_eps", 1e-12)));

const architecture = (body: string) => imageArchitecture({
  body, probe: "embeddings.patch_embeddings.weight", size: anySize, states,
  heads: { ForImageClassification: classifier(pooled), Model: features(pooled) },
});

export const convnext = architecture("convnext");
export const convnextv2 = architecture("convnextv2");
