/** @file Vision transformers: torchvision's, timm's, and DeiT with its second token. */
import { gelu, quickGelu, tanhGelu, type Activation } from "../activations.js";
import type { GraphWriter } from "../graphWriter.js";
import { attend, joinHeads, splitHeads } from "../huggingface/attention.js";
import { meanFrom, tokenAt } from "../huggingface/vision/imageModel.js";
import { patchTokens, withTokens } from "../huggingface/vision/patches.js";
import { transformerLayer, type TransformerOptions } from "../huggingface/vision/transformerLayer.js";
import { linear } from "../modules.js";
import type { Weights } from "../weights.js";
import { classify, norm } from "./convolutions.js";
import { imageInput, refuse, type Family, type ModelFacts } from "./family.js";

/** What a library calls the parts of a layer beside those that all have: one linear layer for queries, keys and values, and the one behind attention. */
interface Names {
  readonly layer: TransformerOptions["names"];
  readonly joint: string;
  readonly output: string;
}

const timmNames: Names = { layer: { norms: ["norm1", "norm2"], mlp: ["mlp.fc1", "mlp.fc2"], scales: ["ls1.gamma", "ls2.gamma"] }, joint: "attn.qkv", output: "attn.proj" };
const torchvisionNames: Names = { layer: { norms: ["ln_1", "ln_2"], mlp: ["mlp.0", "mlp.3"] }, joint: "self_attention.in_proj", output: "self_attention.out_proj" };

/** Models whose heads have other than 64 features, by their width. */
const headsOfWidth: Readonly<Record<number, number>> = { 1152: 16, 1280: 16, 1408: 16, 1664: 16 };

/** A layer of the model; the scope is its own. */
function block(writer: GraphWriter, tokens: string, width: number, { layer: names, joint, output }: Names, { heads, epsilon, activation }: { readonly heads: number; readonly epsilon: number; readonly activation: Activation }): string {
  const size = width / heads;
  const normed = (name: string, part: string) => (writer.has(`${name}.weight`) ? norm(writer, name, part, size, epsilon) : part);
  return transformerLayer(writer, tokens, { names, epsilon, activation }, (x) => {
    writer.weight(`${joint}.weight`, [3 * width, width]);
    const parts = writer.addMany("Split", [linear(writer, joint, x), writer.ints([width, width, width])], { axis: 2 }, 3);
    const [query, key, value] = parts.map((part) => splitHeads(writer, part, heads, size)) as [string, string, string];
    const attended = attend(writer, { query: normed("attn.q_norm", query), key: normed("attn.k_norm", key), value, scale: size ** -0.5 });
    return linear(writer, output, joinHeads(writer, attended, width));
  });
}

interface Embedding {
  readonly patches: string;
  readonly positions: string;
  readonly prefix: readonly string[];
  /** Whether positions are always those of the prefix too. */
  readonly isForAll: boolean;
}

/** How many patches lie under and beside each other; and whether positions are those of the tokens before them too. */
function gridOf({ writer, size }: ModelFacts, { positions: name, isForAll }: Embedding, patch: readonly [number, number], prefix: number): { readonly grid: readonly [number, number]; readonly isOfAll: boolean } {
  const positions = writer.shapeOf(name)?.[1] ?? 0;
  const counts = isForAll ? [positions - prefix] : [positions - prefix, positions];
  const stated = size && ([Math.floor(size[0] / patch[0]), Math.floor(size[1] / patch[1])] as const);
  const fitting = stated && counts.indexOf(stated[0] * stated[1]);
  if (stated && fitting !== -1) return { grid: stated, isOfAll: fitting === 0 };
  const square = counts.findIndex((count) => count > 0 && Number.isInteger(Math.sqrt(count)));
  if (square === -1) return refuse(writer, `ViT with ${positions} positions in ${name}, which form no square where no config says the input_size,`);
  const side = Math.sqrt(counts[square]!);
  return { grid: [side, side], isOfAll: square === 0 };
}

/** The image as tokens `[batch, tokens, width]` with their positions; and how many stand before the patches. */
function embed(facts: ModelFacts, embedding: Embedding): { readonly tokens: string; readonly width: number; readonly before: number } {
  const { writer, size } = facts;
  const { patches, positions, prefix } = embedding;
  const [width = 0, , ...window] = writer.shapeOf(`${patches}.weight`) ?? [];
  const patch = window as unknown as readonly [number, number];
  const before = prefix.reduce((sum, name) => sum + (writer.shapeOf(name)?.[1] ?? 0), 0);
  const { grid, isOfAll } = gridOf(facts, embedding, patch, before);
  // An image may be some pixels larger than its patches.
  const isStated = size?.every((side, i) => Math.floor(side / patch[i]!) === grid[i]);
  const image = imageInput(writer, patches, isStated ? size : [grid[0] * patch[0], grid[1] * patch[1]]);
  const positioned = (value: string) => writer.add("Add", [value, writer.weight(positions, [1, -1, width])]);
  const withPrefix = (value: string) => (before === 0 ? value : withTokens(writer, value, prefix.map((name) => writer.weight(name, [1, -1, width])), width));
  const tokens = patchTokens(writer, patches, image.value, patch);
  return { tokens: isOfAll ? positioned(withPrefix(tokens)) : withPrefix(positioned(tokens)), width, before };
}

function headsOf({ writer, heads: stated }: ModelFacts, width: number): number {
  const heads = stated ?? headsOfWidth[width] ?? width / 64;
  return Number.isInteger(heads) && heads > 0 && width % heads === 0 ? heads : refuse(writer, `ViT with ${width} features, shared by nobody says how many heads,`);
}

function writeTorchvision(facts: ModelFacts): string {
  const { writer } = facts;
  const { tokens, width } = embed(facts, { patches: "conv_proj", positions: "encoder.pos_embedding", prefix: ["class_token"], isForAll: true });
  const style = { epsilon: 1e-6, activation: gelu, heads: headsOf(facts, width) };
  let x = tokens;
  for (let i = 0; writer.has(`encoder.layers.encoder_layer_${i}.ln_1.weight`); i++) x = writer.within(`encoder.layers.encoder_layer_${i}`, () => block(writer, x, width, torchvisionNames, style));
  return classify(facts, "heads.head", tokenAt(writer, norm(writer, "encoder.ln", x, width, style.epsilon), 0), width);
}

/** The first row that fits the architecture's name; GELU where none does. */
const activations: readonly (readonly [RegExp, Activation])[] = [
  [/_quickgelu_/, quickGelu],
  [/^vit_(base_patch32|so400m_patch16)_siglip|^vit_large_patch16_siglip_gap_512$/, tanhGelu],
];

function writeTimm(facts: ModelFacts): string {
  const { writer, architecture } = facts;
  const prefix = ["cls_token", "reg_token", "dist_token"].filter((name) => writer.has(name));
  const { tokens, width, before } = embed(facts, { patches: "patch_embed.proj", positions: "pos_embed", prefix, isForAll: false });
  const epsilon = /_clip_/.test(architecture) ? 1e-5 : 1e-6;
  const style = { epsilon, activation: activations.find(([pattern]) => pattern.test(architecture))?.[1] ?? gelu, heads: headsOf(facts, width) };
  const normed = (name: string, value: string) => (writer.has(`${name}.weight`) ? norm(writer, name, value, width, epsilon) : value);
  let x = normed("norm_pre", tokens);
  for (let i = 0; writer.has(`blocks.${i}.norm1.weight`); i++) x = writer.within(`blocks.${i}`, () => block(writer, x, width, timmNames, style));
  x = normed("norm", x);
  if (writer.has("dist_token")) {
    // DeiT answers with the mean of what its two tokens say.
    const answers = ["head", "head_dist"].map((head, i) => classify(facts, head, tokenAt(writer, x, i), width)) as [string, string];
    return writer.add("Mul", [writer.add("Add", answers), writer.scalar(0.5)]);
  }
  const pool = facts.pool ?? (writer.has("cls_token") && !writer.has("fc_norm.weight") ? "token" : "avg");
  return classify(facts, "head", normed("fc_norm", pool === "token" ? tokenAt(writer, x, 0) : meanFrom(writer, x, before)), width);
}

/** Without a class token or with a norm before the blocks there are models that differ in their functions or in the place of their norms only. */
function guess(weights: Weights, named: string | undefined): string | undefined {
  return named ?? (weights.get("cls_token") !== undefined && weights.get("norm_pre.weight") === undefined ? "vit" : undefined);
}

export const timmVisionTransformer: Family = {
  name: "ViT",
  marks: ["patch_embed.proj.weight", "pos_embed", "blocks.0.norm1.bias", "blocks.0.attn.qkv.weight"], head: "head.weight",
  architectures: new RegExp([
    "^(?!vit_base_patch16_gap_224$|vit_giant_patch14.*_dinov2$)vit_(xsmall|tiny|little|small|medium|mediumd|betwixt|base|large|huge|giant|gigantic|so150m2?|so400m)_patch\\d+"
      + "(_plus)?(_clip|_clip_quickgelu|(_reg\\d)?(_dinov2|_gap)?|_siglip_gap)?(_\\d+)?(_in21k|_dino|_miil|_miil_in21k|_clip_laion2b)?$",
    "^deit3?_(tiny|small|medium|base|large|huge)(_distilled)?_patch\\d+_\\d+(_in21ft1k)?$", "^eva_large_patch14_\\d+$", "^flexivit_(small|base|large)$",
  ].join("|")),
  guess,
  pools: ["avg", "token"],
  write: writeTimm,
};

export const torchvisionVisionTransformer: Family = {
  name: "ViT",
  marks: ["class_token", "conv_proj.weight", "encoder.pos_embedding", "encoder.layers.encoder_layer_0.ln_1.weight"], head: "heads.head.weight",
  architectures: /^vit_[blh]_\d+$/,
  guess: (_, named) => named ?? "vit",
  write: writeTorchvision,
};
