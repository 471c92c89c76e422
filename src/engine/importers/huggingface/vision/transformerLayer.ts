/** @file The layer of vision transformers: norm, attention, norm, MLP, each with a way around it. Architectures differ in how they call its parts. */
import type { GraphWriter } from "../../graphWriter.js";
import { layerNorm, linear } from "../../modules.js";
import type { Activation } from "../activations.js";
import { attend, joinHeads, splitHeads } from "../attention.js";

/** What an architecture calls the parts, inside a layer. */
export interface LayerNames {
  readonly norms: readonly [string, string];
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly output: string;
  readonly mlp: readonly [string, string];
  /** The module between the two, or around the first and itself. */
  readonly wide?: string;
  /** Weights that scale what attention and MLP add, where the checkpoint has them. */
  readonly scales?: readonly [string, string];
}

/** What a layer is beside its attention. */
export interface TransformerOptions {
  readonly names: Pick<LayerNames, "norms" | "mlp" | "wide" | "scales">;
  readonly epsilon: number;
  readonly activation: Activation;
}

export interface LayerOptions extends TransformerOptions {
  readonly names: LayerNames;
  readonly heads: number;
}

/** The scale of its way, where there is one. */
function scaled(writer: GraphWriter, x: string, name?: string): string {
  return name !== undefined && writer.has(name) ? writer.add("Mul", [writer.weight(name, [-1]), x]) : x;
}

/** A layer over tokens `[batch, tokens, width]`, in its scope. `attention` mixes the normalised tokens. */
export function transformerLayer(writer: GraphWriter, tokens: string, { names: { norms, mlp, wide: inner, scales }, epsilon, activation }: TransformerOptions, attention: (normalised: string) => string): string {
  const attended = writer.add("Add", [tokens, scaled(writer, attention(layerNorm(writer, norms[0], tokens, epsilon)), scales?.[0])]);
  const wide = activation(writer, linear(writer, mlp[0], layerNorm(writer, norms[1], attended, epsilon)), inner);
  return writer.add("Add", [attended, scaled(writer, linear(writer, mlp[1], wide), scales?.[1])], {}, "");
}

/** The same with the norms behind attention and MLP. `attention` mixes the tokens as they are. */
export function normedLayer(writer: GraphWriter, tokens: string, { names: { norms, mlp, wide }, epsilon, activation }: TransformerOptions, attention: (tokens: string) => string): string {
  const attended = writer.add("Add", [tokens, layerNorm(writer, norms[0], attention(tokens), epsilon)]);
  return writer.add("Add", [attended, layerNorm(writer, norms[1], linear(writer, mlp[1], activation(writer, linear(writer, mlp[0], attended), wide)), epsilon)], {}, "");
}

/** Self-attention of tokens `[batch, tokens, width]`, or of windows of them `[batch, windows, tokens, width]` with two outer axes. */
export function selfAttention(writer: GraphWriter, x: string, { names, heads }: LayerOptions, size: number, biases: readonly string[] = [], outer = 1): string {
  const [query, key, value] = [names.query, names.key, names.value].map((name) => splitHeads(writer, linear(writer, name, x), heads, size, outer)) as [string, string, string];
  return linear(writer, names.output, joinHeads(writer, attend(writer, { query, key, value, scale: size ** -0.5, biases, outer }), heads * size, outer));
}
