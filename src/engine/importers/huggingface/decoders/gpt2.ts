/** @file GPT-2. */
import type { GraphWriter } from "../../graphWriter.js";
import { layerNorm } from "../../modules.js";
import type { Fields } from "../../../preprocess/fields.js";
import { activationOption, type Activation } from "../activations.js";
import { attend, joinHeads, splitHeads } from "../attention.js";
import { causalMask, countedPositions } from "../causalMask.js";
import { decoderHead } from "./decoderHead.js";
import type { Architecture } from "../importHuggingFace.js";
import { flagOption, headSize, layersOption, numberOption, refuseOption, sizeOption } from "../options.js";

interface Options {
  readonly width: number;
  readonly heads: number;
  readonly epsilon: number;
  readonly activation: Activation;
  /** What a layer's scores are multiplied with. */
  scale(layer: number): number;
}

export const gpt2: Architecture = (writer, config, architecture) => {
  if (flagOption(config, "add_cross_attention", false)) refuseOption(writer, config, "add_cross_attention");
  const options = optionsOf(writer, config);
  const ids = writer.input("input_ids", "int64", ["batch", "sequence"]);
  const mask = writer.input("attention_mask", "int64", ["batch", "sequence"]);
  // The checkpoints of OpenAI hold the model without its head, and without this name around it.
  const decoded = writer.within(writer.has("transformer.wte.weight") ? "transformer" : "", () => {
    const positions = countedPositions(writer, ids);
    const words = writer.weight("wte.weight", [-1, options.width]);
    const places = writer.add("Gather", [writer.weight("wpe.weight", [-1, options.width]), positions], { axis: 0 }, "wpe");
    const allowed = causalMask(writer, positions, mask);
    let states = writer.add("Add", [writer.add("Gather", [words, ids], { axis: 0 }, "wte"), places], {}, "drop");
    for (let layer = 0; layer < layersOption(config, "n_layer", 12); layer++) states = writer.within(`h.${layer}`, () => block(writer, options, states, allowed, layer));
    return { states: layerNorm(writer, "ln_f", states, options.epsilon), ids, positions, words };
  });
  decoderHead(writer, config, architecture, decoded);
};

function optionsOf(writer: GraphWriter, config: Fields): Options {
  const [width, heads] = [sizeOption(config, "n_embd", 768), sizeOption(config, "n_head", 12)];
  const scale = flagOption(config, "scale_attn_weights", true) ? headSize(config, width, heads, "n_head") ** -0.5 : 1;
  const isByLayer = flagOption(config, "scale_attn_by_inverse_layer_idx", false);
  return {
    width, heads, epsilon: numberOption(config, "layer_norm_epsilon", 1e-5), activation: activationOption(writer, config, "activation_function", "gelu_new"),
    scale: (layer) => (isByLayer ? scale / (layer + 1) : scale),
  };
}

function block(writer: GraphWriter, options: Options, x: string, allowed: string, layer: number): string {
  const attended = writer.add("Add", [attention(writer, options, layerNorm(writer, "ln_1", x, options.epsilon), allowed, layer), x]);
  const normal = layerNorm(writer, "ln_2", attended, options.epsilon);
  const fed = writer.within("mlp", () => conv1d(writer, "c_proj", options.activation(writer, conv1d(writer, "c_fc", normal), "act")));
  return writer.add("Add", [attended, fed], {}, "");
}

function attention(writer: GraphWriter, { width, heads, scale }: Options, x: string, allowed: string, layer: number): string {
  return writer.within("attn", () => {
    const parts = writer.addMany("Split", [conv1d(writer, "c_attn", x)], { axis: -1, num_outputs: 3 }, 3);
    const [query, key, value] = parts.map((part) => splitHeads(writer, part, heads, width / heads)) as [string, string, string];
    return conv1d(writer, "c_proj", joinHeads(writer, attend(writer, { query, key, value, scale: scale(layer), allowed }), width));
  });
}

/** transformers' `Conv1D`: a linear layer whose weight lies `[in, out]`. */
function conv1d(writer: GraphWriter, name: string, x: string): string {
  return writer.within(name, () => writer.add("Add", [writer.add("MatMul", [x, writer.weight("weight", [-1, -1])]), writer.weight("bias", [-1])], {}, ""));
}
