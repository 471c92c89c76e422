/** @file ConvNeXt, as timm and as torchvision name it; version 2 of timm's. */
import { gelu } from "../activations.js";
import type { GraphWriter } from "../graphWriter.js";
import { linear } from "../modules.js";
import { responseNorm } from "../huggingface/vision/convnext.js";
import { channelNorm } from "../huggingface/vision/imageModel.js";
import { classify, convolve, norm } from "./convolutions.js";
import { imageInput, type Family, type Maps, type ModelFacts } from "./family.js";

/** Where the parts of a block lie. */
interface Names {
  readonly depthwise: string;
  readonly norm: string;
  readonly widen: string;
  readonly activation: string;
  readonly narrow: string;
  readonly scale: string;
}

const timmNames: Names = { depthwise: "conv_dw", norm: "norm", widen: "mlp.fc1", activation: "mlp.act", narrow: "mlp.fc2", scale: "gamma" };
const torchvisionNames: Names = { depthwise: "block.0", norm: "block.2", widen: "block.3", activation: "block.4", narrow: "block.5", scale: "layer_scale" };

/** `nn.LayerNorm` over the channels of maps. */
const normMaps = (writer: GraphWriter, name: string, { value, channels }: Maps, epsilon: number): Maps => ({ value: channelNorm(writer, value, (x) => norm(writer, name, x, channels, epsilon)), channels });

/** A linear layer, whose weights timm's smaller models keep as those of convolutions of one pixel. */
function mix(writer: GraphWriter, name: string, x: string): string {
  const [out = 0, width = 0, ...window] = writer.shapeOf(`${name}.weight`) ?? [];
  if (window.length === 0) return linear(writer, name, x);
  return writer.within(name, () => {
    const matrix = writer.add("Transpose", [writer.add("Reshape", [writer.weight("weight", [-1, -1, 1, 1]), writer.ints([out, width])])], { perm: [1, 0] });
    return writer.add("Add", [writer.add("MatMul", [x, matrix]), writer.weight("bias", [out])], {}, "");
  });
}

/** A block; the scope is its own. */
function block(writer: GraphWriter, x: Maps, names: Names, epsilon: number): Maps {
  const spread = convolve({ writer }, names.depthwise, x, { isGrouped: true });
  const last = norm(writer, names.norm, writer.add("Transpose", [spread.value], { perm: [0, 2, 3, 1] }), spread.channels, epsilon);
  let inner = gelu(writer, mix(writer, names.widen, last), names.activation);
  if (writer.has("mlp.grn.weight")) inner = writer.within("mlp.grn", () => responseNorm(writer, inner));
  const back = writer.add("Transpose", [mix(writer, names.narrow, inner)], { perm: [0, 3, 1, 2] });
  const scaled = writer.has(names.scale) ? writer.add("Mul", [back, writer.add("Reshape", [writer.weight(names.scale), writer.ints([1, x.channels, 1, 1])])]) : back;
  return { value: writer.add("Add", [x.value, scaled], {}, ""), channels: x.channels };
}

/** A convolution whose windows do not overlap. */
function patches(writer: GraphWriter, name: string, x: Maps): Maps {
  return convolve({ writer }, name, x, { stride: writer.shapeOf(`${name}.weight`)?.[2] ?? 1, padding: 0 });
}

/** One convolution of patches, or (timm's "ols") two that overlap. */
function timmStem(writer: GraphWriter, image: Maps, epsilon: number): Maps {
  if (writer.shapeOf("stem.1.weight")?.length !== 4) return normMaps(writer, "stem.1", patches(writer, "stem.0", image), epsilon);
  return normMaps(writer, "stem.2", convolve({ writer }, "stem.1", convolve({ writer }, "stem.0", image, { stride: 2 }), { stride: 2 }), epsilon);
}

function writeTimm(facts: ModelFacts): string {
  const { writer, architecture } = facts;
  const epsilon = architecture === "convnext_xxlarge" ? 1e-5 : 1e-6;
  let x = timmStem(writer, imageInput(writer, "stem.0"), epsilon);
  for (let stage = 0; writer.has(`stages.${stage}.blocks.0.conv_dw.weight`); stage++) {
    x = writer.within(`stages.${stage}`, () => {
      let maps = writer.has("downsample.1.weight") ? patches(writer, "downsample.1", normMaps(writer, "downsample.0", x, epsilon)) : x;
      for (let i = 0; writer.has(`blocks.${i}.conv_dw.weight`); i++) maps = writer.within(`blocks.${i}`, () => block(writer, maps, timmNames, epsilon));
      return maps;
    });
  }
  if (writer.has("norm_pre.weight")) x = normMaps(writer, "norm_pre", x, epsilon);
  let features = writer.add("ReduceMean", [x.value, writer.ints([2, 3])], { keepdims: 0 }, "head.global_pool");
  if (writer.has("head.norm.weight")) features = norm(writer, "head.norm", features, x.channels, epsilon);
  if (writer.has("head.pre_logits.fc.weight")) features = gelu(writer, linear(writer, "head.pre_logits.fc", features), "head.pre_logits.act");
  return classify(facts, "head.fc", features);
}

function writeTorchvision(facts: ModelFacts): string {
  const { writer } = facts;
  const epsilon = 1e-6;
  let x = normMaps(writer, "features.0.1", patches(writer, "features.0.0", imageInput(writer, "features.0.0")), epsilon);
  for (let part = 1; writer.has(`features.${part}.0.block.0.weight`) || writer.has(`features.${part}.1.weight`); part++) {
    x = writer.within(`features.${part}`, () => {
      if (writer.has("1.weight")) return patches(writer, "1", normMaps(writer, "0", x, epsilon));
      let maps = x;
      for (let i = 0; writer.has(`${i}.block.0.weight`); i++) maps = writer.within(String(i), () => block(writer, maps, torchvisionNames, epsilon));
      return maps;
    });
  }
  const mean = writer.add("ReduceMean", [x.value, writer.ints([2, 3])], { keepdims: 0 }, "avgpool");
  // A classifier of somebody's own may go without the norm.
  const features = writer.has("classifier.0.weight") ? norm(writer, "classifier.0", mean, x.channels, epsilon) : mean;
  return classify(facts, "classifier.2", features, x.channels);
}

export const timmConvnext: Family = {
  name: "ConvNeXt",
  marks: ["stem.0.weight", "stages.0.blocks.0.conv_dw.weight", "stages.0.blocks.0.norm.bias"], head: "head.fc.weight",
  architectures: /^convnext_(atto|femto|pico|nano)(_ols)?$|^convnext_tiny_hnf$|^convnext_(tiny|small|base|large|large_mlp|xlarge|xxlarge)(_384)?(_in22k|_in22ft1k)?$|^convnextv2_(atto|femto|pico|nano|tiny|small|base|large|huge)$/,
  // The widest has another epsilon.
  guess: (weights, named) => named ?? (weights.get("stages.0.blocks.0.norm.bias")?.shape[0] === 384 ? "convnext_xxlarge" : "convnext"),
  write: writeTimm,
};

export const torchvisionConvnext: Family = {
  name: "ConvNeXt",
  marks: ["features.0.0.weight", "features.1.0.block.0.weight", "features.1.0.layer_scale"], head: "classifier.2.weight",
  architectures: /^convnext_(tiny|small|base|large)$/,
  guess: (_, named) => named ?? "convnext",
  write: writeTorchvision,
};
