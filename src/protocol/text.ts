/** @file Text predictions and their explanations, as they cross processes: what is asked of a text, and each token's share of the answer. */
import type { ParameterValue, PlainTensor } from "../engine/attribution/parameters.js";
import type { TextTask } from "../engine/attribution/text/textModel.js";
import type { Explanation, Note, Prediction, RuntimeChoice, RuntimeUsed, Score, TargetSpec, Timings } from "./api.js";

/** The methods for text, in the order the pickers show them. */
export const textMethodIds = ["layer-integrated-gradients", "input-x-gradient", "gradient-norm", "attention-x-gradient", "occlusion"] as const;
export type TextMethodId = (typeof textMethodIds)[number];

/** What people call them; names, which are not translated. */
export const textMethodNames: Readonly<Record<TextMethodId, string>> = {
  "layer-integrated-gradients": "Integrated Gradients", "input-x-gradient": "Input × Gradient", "gradient-norm": "Gradient norm", "attention-x-gradient": "Attention × Gradient", occlusion: "Occlusion",
};

export type { TextTask };

/** How shares are coloured: blue against and orange for, from zero in the middle; or the textbook's red, yellow and green between the least and the largest value. */
export const textScales = ["blue-orange", "red-yellow-green"] as const;
export type TextScale = (typeof textScales)[number];

/** One text, or two that a model takes as a pair. */
export interface TextInput {
  readonly text: string;
  readonly pair?: string | undefined;
  /** Instead of a text, whose place then is empty. */
  readonly tokens?: TokenIds | undefined;
}

/** What a tokenizer made elsewhere, special tokens included: read as it is, without padding. */
export interface TokenIds {
  readonly ids: readonly number[];
  /** One per id: 0, or 1 for the second text; 0 for all when left out. */
  readonly types?: readonly number[] | undefined;
}

export interface TextExplainRequest extends TextInput {
  readonly model: string;
  readonly method: TextMethodId;
  /** A class by index or label; for a model that continues text, a token by id or spelling. */
  readonly target: TargetSpec;
  readonly versus?: TargetSpec | undefined;
  readonly score: Score;
  /** What is not given takes the method's default. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly runtime: RuntimeChoice;
}

/** Asks for the classes of a text, or for the tokens that may follow it. */
export interface TextPredictRequest extends TextInput {
  readonly model: string;
  readonly top: number;
  readonly runtime: RuntimeChoice;
}

/** Where a token or word lies: UTF-16 code units `[start, end)` of the text (`part` 0) or its pair (`part` 1). */
export interface TextSpan {
  readonly part: 0 | 1;
  readonly start: number;
  readonly end: number;
}

/** One token as the model saw it. Special tokens, which stand for no characters, have `start` and `end` 0. */
export interface TextToken extends TextSpan {
  /** The vocabulary's own spelling: "##ing", "Ġthe". */
  readonly token: string;
  readonly id: number;
  readonly special: boolean;
}

/** A token's share: `raw` is signed and sums to what the method promises; `attribution` is `raw` divided by the L2 norm of all tokens' raw values. */
export interface AttributedToken extends TextToken {
  readonly raw: number;
  readonly attribution: number;
}

/** A word of the user's text with the sum over its tokens `[from, to)`. */
export interface AttributedWord extends TextSpan {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly raw: number;
  readonly attribution: number;
}

/** One finished explanation of a text. */
export interface TextExplanation extends Pick<TextInput, "text" | "pair"> {
  readonly model: Explanation["model"];
  readonly runtime: RuntimeUsed;
  readonly task: Exclude<TextTask, "text-encoder">;
  readonly method: TextMethodId;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  readonly score: Score;
  readonly target: Prediction;
  readonly versus: Prediction | undefined;
  /** The five likeliest classes (tokens), likeliest first. Of a text in several windows: of the mean of their logits. */
  readonly predictions: readonly Prediction[];
  readonly classCount: number;
  readonly tokens: readonly AttributedToken[];
  /** Words with at least one token, in the order of the text. */
  readonly words: readonly AttributedWord[];
  /** The raw attribution per dimension, `[tokens, hidden]`, for methods that have one. */
  readonly attribution: PlainTensor | undefined;
  /** The windows that a long text was read in, as spans of the text; one for most texts. */
  readonly windows: readonly TextSpan[];
  readonly completeness: Explanation["completeness"];
  readonly facts: Explanation["facts"];
  /** Texts the model was run on, and differentiated at. */
  readonly evaluations: Explanation["evaluations"];
  readonly notes: readonly Note[];
  readonly ms: Timings;
}
