/** @file The vision tower of CLIP, alone, with its projection, below a classifier, or inside the whole model. */
import { objectField, type Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { layerNorm, linear } from "../../modules.js";
import { activationOption } from "../activations.js";
import { headSize, layersOption, numberOption, sizeOption } from "../options.js";
import { classifier, imageArchitecture, meanFrom, tokenAt, type Head, type HeadContext } from "./imageModel.js";
import { pairOption, patchGrid } from "./imageOptions.js";
import { patchTokens, withTokens } from "./patches.js";
import { selfAttention, transformerLayer, type LayerNames, type LayerOptions } from "./transformerLayer.js";

const names: LayerNames = {
  norms: ["layer_norm1", "layer_norm2"], query: "self_attn.q_proj", key: "self_attn.k_proj", value: "self_attn.v_proj", output: "self_attn.out_proj", mlp: ["mlp.fc1", "mlp.fc2"], wide: "mlp.activation_fn",
};

/** The tower's own options. Configs of old models state the whole of them a second time, and mean that. */
const towerOf = (config: Fields): Fields => objectField(config, "vision_config_dict") ?? objectField(config, "vision_config") ?? config;
const imageSize = (config: Fields) => pairOption(towerOf(config), "image_size", 224);
const epsilonOf = (config: Fields) => numberOption(towerOf(config), "layer_norm_eps", 1e-5);

function states(writer: GraphWriter, whole: Fields, pixels: string): string {
  const config = towerOf(whole);
  const width = sizeOption(config, "hidden_size", 768);
  const patch = pairOption(config, "patch_size", 32);
  const [rows, columns] = patchGrid(config, imageSize(config), patch);
  const options: LayerOptions = { names, heads: sizeOption(config, "num_attention_heads", 12), epsilon: epsilonOf(config), activation: activationOption(writer, config, "hidden_act", "quick_gelu") };
  const size = headSize(config, width, options.heads, "num_attention_heads");
  const embedded = writer.within("embeddings", () => {
    const token = writer.add("Reshape", [writer.weight("class_embedding", [width]), writer.ints([1, 1, width])]);
    const tokens = withTokens(writer, patchTokens(writer, "patch_embedding", pixels, patch), [token], width);
    return writer.add("Add", [tokens, writer.weight("position_embedding.weight", [rows * columns + 1, width])], {}, "");
  });
  // The library's own spelling.
  let tokens = layerNorm(writer, "pre_layrnorm", embedded, options.epsilon);
  for (let i = 0, layers = layersOption(config, "num_hidden_layers", 12); i < layers; i++) {
    tokens = writer.within(`encoder.layers.${i}`, () => transformerLayer(writer, tokens, options, (x) => selfAttention(writer, x, options, size)));
  }
  return tokens;
}

const pooled = ({ writer, config, last, inBody }: HeadContext) => inBody(() => layerNorm(writer, "post_layernorm", tokenAt(writer, last, 0), epsilonOf(config)));

/** Of a whole CLIP and of a tower with its projection the image's place among the texts; of the tower alone its pooled state. */
const tower: Head = (context): Readonly<Record<string, string>> => {
  const { writer, last } = context;
  if (!writer.has("visual_projection.weight")) return { last_hidden_state: last, pooler_output: pooled(context) };
  return { image_embeds: linear(writer, "visual_projection", pooled(context)), last_hidden_state: last };
};

export const clip = imageArchitecture({
  body: "vision_model", probe: "embeddings.class_embedding", size: imageSize, states,
  heads: { ForImageClassification: classifier(({ writer, last }) => meanFrom(writer, last, 1)), ModelWithProjection: tower, Model: tower },
});
