/** @file Which method and parameters stand behind each recorded array of a text, and how the array is seen in a result. */
import type { TextMethodResult } from "../../src/engine/attribution/text/textMethod.js";
import type { TextMethodName } from "../../src/engine/attribution/text/textMethods.js";

export interface TextCase {
  readonly method: TextMethodName;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly view: (found: TextMethodResult) => ArrayLike<number>;
  /** Completeness gaps are compared absolutely. */
  readonly isAbsolute?: boolean;
  readonly tolerance: number;
}

const places = { embedding_output: "embeddings", word_embedding: "words", emb_out: "embeddings", word: "words" } as const;
const rules = { gausslegendre: "gauss-legendre", riemann_right: "riemann-right" } as const;

const dimensions = ({ attribution }: TextMethodResult) => attribution!.data;
const sums = ({ raw }: TextMethodResult) => raw;
const normalised = ({ raw }: TextMethodResult) => { const norm = Math.hypot(...raw); return raw.map((value) => value / norm); };
const gap = ({ completeness }: TextMethodResult) => [completeness!.sum - completeness!.difference];
const views = { "": dimensions, "/sum": sums, "/normalised": normalised, "/delta": gap } as const;

/** Conventions: gradients and Integrated Gradients by max|a - b| / max|b|; gaps of smooth models absolutely. */
const [tolerance, gapTolerance] = [1e-4, 1e-5];

/** By the array's name behind `tI/TARGET/`; `undefined` for what is no attribution. */
export function textCaseOf(name: string): TextCase | undefined {
  const [, gradientPlace, norm] = /^grad\/(embedding_output|word_embedding)(\/l2)?$/.exec(name) ?? [];
  if (gradientPlace) return { method: "gradient-norm", parameters: { at: places[gradientPlace as keyof typeof places] }, view: norm ? sums : dimensions, tolerance };
  const [, productPlace, isNormalised] = /^gradient_x_input\/(embedding_output|word_embedding)(\/normalised)?$/.exec(name) ?? [];
  if (productPlace) return { method: "input-x-gradient", parameters: { at: places[productPlace as keyof typeof places] }, view: isNormalised ? normalised : sums, tolerance };
  if (name === "occlusion_mask_token") return { method: "occlusion", parameters: {}, view: sums, tolerance };
  const [, place, baseline, rule, view] = /^ig\/(emb_out|word)_(zero|pad)\/(gausslegendre|riemann_right)(|\/sum|\/normalised|\/delta)$/.exec(name) ?? [];
  if (place === undefined) return undefined;
  const isAbsolute = view === "/delta";
  return {
    method: "layer-integrated-gradients", parameters: { at: places[place as keyof typeof places], baseline: baseline!, rule: rules[rule as keyof typeof rules], steps: 50 },
    view: views[view as keyof typeof views], isAbsolute, tolerance: isAbsolute ? gapTolerance : tolerance,
  };
}

/** Recorded for texts, and no method's result: why. */
export const noTextMethod: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^t\d\/(input_ids|attention_mask|token_type_ids|baseline_ids)$/, "inputs"],
  [/^t\d\/(logits|probs)$/, "the logits are compared for themselves"],
  [/^t\d\/embedding\/(output|word)$/, "the embeddings, compared for themselves"],
  [/^t\d\/(attentions|attention_mean|rollout|rollout_by_layer|hidden_states)$/, "attention and states, which the attention tests compare"],
  [/^t\d\/(pred|other)\/relevancy_chefer$/, "the attention tests compare it"],
  [/^t\d\/(pred|other)\/attention_gradient$/, "what attention-x-gradient is held against, by the formula in float64"],
];

/** The values of a graph that was built from a checkpoint, by the names of PyTorch's modules; exporters' names are recorded with their files. */
export function builtEmbeddings(model: string): Readonly<Record<"embedding_output" | "word_embedding", readonly { readonly tensor: string }[]>> {
  const scope = `${model.replace("_tiny", "")}.embeddings`;
  return { embedding_output: [{ tensor: `${scope}.LayerNorm` }], word_embedding: [{ tensor: `${scope}.word_embeddings` }] };
}
