/** @file Llama and the decoders that are built alike: Mistral, Qwen2 and Qwen3. */
import type { GraphWriter } from "../../graphWriter.js";
import { linear, rmsNorm } from "../../modules.js";
import { booleanField, textsField, wrongField, type Fields } from "../../../preprocess/fields.js";
import { activationOption, type Activation } from "../activations.js";
import { attend, joinHeads, splitHeads } from "../attention.js";
import { causalMask, countedPositions } from "../causalMask.js";
import { decoderHead } from "./decoderHead.js";
import type { Architecture } from "../importHuggingFace.js";
import { flagOption, headSize, layersOption, numberOption, refuseOption, sizeOption } from "../options.js";
import { rotate, rotation, type Rotation } from "./rotary.js";

/** In what a family differs: its defaults, and which layers look back over a window only. */
interface Family {
  readonly keyValueHeads?: number;
  readonly headSize?: number;
  /** How many tokens a layer looks back, itself included; `undefined` for all. */
  windowOf(writer: GraphWriter, config: Fields, layer: number): number | undefined;
}

interface Options {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly epsilon: number;
  readonly activation: Activation;
}

/** `null` in a config says "none", which is not the default. */
const isNone = (config: Fields, key: string) => config.values[key] === null;
const window = (config: Fields, fallback: number) => (isNone(config, "sliding_window") ? undefined : sizeOption(config, "sliding_window", fallback));

/** Qwen's: by the list of the kinds of layers, else from one layer on, where windows are switched on at all. */
const qwenWindow: Family["windowOf"] = (writer, config, layer) => {
  const kind = textsField(config, "layer_types")?.[layer];
  if (kind !== undefined && kind !== "full_attention" && kind !== "sliding_attention") refuseOption(writer, config, "layer_types");
  const isSliding = kind === undefined ? layer >= numberOption(config, "max_window_layers", 28) : kind === "sliding_attention";
  return isSliding && flagOption(config, "use_sliding_window", false) ? window(config, 4096) : undefined;
};

export const llama = decoder({ windowOf: () => undefined });
export const mistral = decoder({ keyValueHeads: 8, windowOf: (_, config) => window(config, 4096) });
export const qwen2 = decoder({ keyValueHeads: 32, windowOf: qwenWindow });
export const qwen3 = decoder({ keyValueHeads: 32, headSize: 128, windowOf: qwenWindow });

function decoder(family: Family): Architecture {
  return (writer, config, architecture) => {
    const options = optionsOf(writer, config, family);
    const ids = writer.input("input_ids", "int64", ["batch", "sequence"]);
    const mask = writer.input("attention_mask", "int64", ["batch", "sequence"]);
    const decoded = writer.within(writer.has("model.embed_tokens.weight") ? "model" : "", () => {
      const positions = countedPositions(writer, ids);
      const words = writer.weight("embed_tokens.weight", [-1, -1]);
      // Sizes that a config claims must be those of weights before anything is made that large.
      writer.weight("layers.0.self_attn.q_proj.weight", [options.heads * options.headSize, -1]);
      const angles = rotation(writer, config, options.headSize, positions);
      const masks = new Map<number | undefined, string>();
      let states = writer.add("Gather", [words, ids], { axis: 0 }, "embed_tokens");
      for (let layer = 0; layer < layersOption(config, "num_hidden_layers", 32); layer++) {
        const size = family.windowOf(writer, config, layer);
        const allowed = masks.get(size) ?? causalMask(writer, positions, mask, size);
        masks.set(size, allowed);
        states = writer.within(`layers.${layer}`, () => decoderLayer(writer, options, states, angles, allowed));
      }
      return { states: rmsNorm(writer, "norm", states, options.epsilon), ids, positions, words };
    });
    decoderHead(writer, config, architecture, decoded);
  };
}

function optionsOf(writer: GraphWriter, config: Fields, family: Family): Options {
  if (booleanField(config, "is_causal") === false) refuseOption(writer, config, "is_causal");
  const heads = sizeOption(config, "num_attention_heads", 32);
  const keyValueHeads = sizeOption(config, "num_key_value_heads", isNone(config, "num_key_value_heads") ? heads : (family.keyValueHeads ?? heads));
  if (heads % keyValueHeads !== 0) wrongField(config, "num_key_value_heads", `${keyValueHeads} heads of keys cannot be shared by ${heads} heads of queries`);
  const size = config.values["head_dim"] ?? family.headSize;
  return {
    heads, keyValueHeads, headSize: size === undefined ? headSize(config, sizeOption(config, "hidden_size", 4096), heads, "num_attention_heads") : sizeOption(config, "head_dim", family.headSize),
    epsilon: numberOption(config, "rms_norm_eps", 1e-6), activation: activationOption(writer, config, "hidden_act", "silu"),
  };
}

function decoderLayer(writer: GraphWriter, options: Options, x: string, angles: Rotation, allowed: string): string {
  const attended = writer.add("Add", [x, attention(writer, options, rmsNorm(writer, "input_layernorm", x, options.epsilon), angles, allowed)]);
  const normal = rmsNorm(writer, "post_attention_layernorm", attended, options.epsilon);
  const fed = writer.within("mlp", () => {
    const gate = options.activation(writer, linear(writer, "gate_proj", normal), "act_fn");
    return linear(writer, "down_proj", writer.add("Mul", [gate, linear(writer, "up_proj", normal)]));
  });
  return writer.add("Add", [attended, fed], {}, "");
}

function attention(writer: GraphWriter, { heads, keyValueHeads, headSize: size, epsilon }: Options, x: string, angles: Rotation, allowed: string): string {
  return writer.within("self_attn", () => {
    const split = (name: string, count: number) => splitHeads(writer, linear(writer, name, x), count, size);
    // Qwen3 normalises every head's queries and keys.
    const normal = (name: string, part: string) => (writer.has(`${name}.weight`) ? rmsNorm(writer, name, part, epsilon) : part);
    const query = rotate(writer, normal("q_norm", split("q_proj", heads)), angles);
    const key = repeatHeads(writer, rotate(writer, normal("k_norm", split("k_proj", keyValueHeads)), angles), heads / keyValueHeads, heads, size);
    const value = repeatHeads(writer, split("v_proj", keyValueHeads), heads / keyValueHeads, heads, size);
    return linear(writer, "o_proj", joinHeads(writer, attend(writer, { query, key, value, scale: size ** -0.5, allowed }), heads * size));
  });
}

/** Keys or values of a few heads for the heads of queries that share each: `[batch, heads / times, tokens, size]` to `[batch, heads, tokens, size]`. */
function repeatHeads(writer: GraphWriter, x: string, times: number, heads: number, size: number): string {
  if (times === 1) return x;
  const repeated = writer.add("Expand", [writer.add("Unsqueeze", [x, writer.ints([2])]), writer.ints([1, 1, times, 1, 1])]);
  return writer.add("Reshape", [repeated, writer.ints([0, heads, -1, size])]);
}
