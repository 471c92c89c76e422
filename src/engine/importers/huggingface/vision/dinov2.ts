/** @file DINOv2, with registers or without: a vision transformer whose positions are stretched to the image. */
import { WhylightError } from "../../../errors.js";
import type { Attributes } from "../../../ir/graph.js";
import type { Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { conv2d, layerNorm } from "../../modules.js";
import { activationOption } from "../activations.js";
import { flagOption, headSize, layersOption, numberOption, refuseOption, sizeOption } from "../options.js";
import { anySize, classifier, features, imageArchitecture, meanFrom, tokenAt, type HeadContext } from "./imageModel.js";
import { pairOption } from "./imageOptions.js";
import { tokensOf, withTokens } from "./patches.js";
import { selfAttention, transformerLayer, type LayerNames, type LayerOptions } from "./transformerLayer.js";

const names: LayerNames = {
  norms: ["norm1", "norm2"], query: "attention.attention.query", key: "attention.attention.key", value: "attention.attention.value", output: "attention.output.dense",
  mlp: ["mlp.fc1", "mlp.fc2"], wide: "mlp.activation", scales: ["layer_scale1.lambda1", "layer_scale2.lambda1"],
};

/** torch's cubic filters: a = -0.75, or Pillow's with antialiasing, which leaves out what lies beyond the edge. */
const plain: Attributes = { mode: "cubic", coordinate_transformation_mode: "half_pixel", cubic_coeff_a: -0.75 };
const antialiased: Attributes = { ...plain, cubic_coeff_a: -0.5, antialias: 1, exclude_outside: 1 };

/** The positions of the class token `[1, 1, width]` and of the patches `[1, rows * columns, width]` of a map of patches. */
function positions(writer: GraphWriter, map: string, width: number, filter: Attributes): readonly [ofClass: string, ofPatches: string] {
  const learned = writer.weight("position_embeddings", [1, -1, width]);
  const side = Math.sqrt((writer.shapeOf("position_embeddings")?.[1] ?? 0) - 1);
  if (!Number.isInteger(side) || side < 1) throw new WhylightError("modelCorrupt", { path: writer.weights.path, reason: `the positions of ${writer.scope} are no square of patches` });
  const part = (from: number, to: number) => writer.add("Slice", [learned, writer.ints([from]), writer.ints([to]), writer.ints([1])]);
  const grid = writer.add("Transpose", [writer.add("Reshape", [part(1, side * side + 1), writer.ints([1, side, side, width])])], { perm: [0, 3, 1, 2] });
  const size = writer.add("Concat", [writer.ints([1, width]), writer.add("Shape", [map], { start: 2, end: 4 })], { axis: 0 });
  return [part(0, 1), tokensOf(writer, writer.add("Resize", [grid, "", "", size], filter))];
}

function embeddings(writer: GraphWriter, config: Fields, pixels: string, filter: Attributes): string {
  const width = sizeOption(config, "hidden_size", 768);
  return writer.within("embeddings", () => {
    const map = conv2d(writer, "patch_embeddings.projection", pixels, { stride: pairOption(config, "patch_size", 14) });
    const [ofClass, ofPatches] = positions(writer, map, width, filter);
    const token = writer.add("Add", [writer.weight("cls_token", [1, 1, width]), ofClass]);
    const registers = writer.has("register_tokens") ? [writer.weight("register_tokens", [1, -1, width])] : [];
    return withTokens(writer, writer.add("Add", [tokensOf(writer, map), ofPatches]), [token, ...registers], width);
  });
}

function architecture(body: string, filter: Attributes) {
  const pooled = ({ writer, config, last }: HeadContext) => {
    const registers = body === "dinov2" ? 0 : sizeOption(config, "num_register_tokens", 4);
    return writer.add("Concat", [tokenAt(writer, last, 0), meanFrom(writer, last, 1 + registers)], { axis: 1 });
  };
  return imageArchitecture({
    body, probe: "embeddings.patch_embeddings.projection.weight", size: anySize,
    states: (writer, config, pixels) => {
      if (flagOption(config, "use_swiglu_ffn", false)) refuseOption(writer, config, "use_swiglu_ffn");
      const options: LayerOptions = { names, heads: sizeOption(config, "num_attention_heads", 12), epsilon: numberOption(config, "layer_norm_eps", 1e-6), activation: activationOption(writer, config, "hidden_act", "gelu") };
      const size = headSize(config, sizeOption(config, "hidden_size", 768), options.heads, "num_attention_heads");
      let tokens = embeddings(writer, config, pixels, filter);
      for (let i = 0, layers = layersOption(config, "num_hidden_layers", 12); i < layers; i++) {
        tokens = writer.within(`encoder.layer.${i}`, () => transformerLayer(writer, tokens, options, (x) => selfAttention(writer, x, options, size)));
      }
      return layerNorm(writer, "layernorm", tokens, options.epsilon);
    },
    heads: { ForImageClassification: classifier(pooled), Model: features(({ writer, last }) => tokenAt(writer, last, 0)) },
  });
}

export const dinov2 = architecture("dinov2", plain);
export const dinov2WithRegisters = architecture("dinov2_with_registers", antialiased);
