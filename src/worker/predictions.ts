/** @file Logits to predictions: probabilities, labels, the likeliest classes, and the class a person means. */
import { probabilities } from "../engine/attribution/probabilities.js";
import type { Target } from "../engine/attribution/target.js";
import { WhylightError } from "../engine/errors.js";
import type { ModelDescription } from "../engine/preprocess/description.js";
import type { ExplainRequest, Prediction, TargetSpec } from "../protocol/api.js";

/** One class of the output. Classes without a label are called "class 7". */
export function predictionOf(logits: Float32Array, shares: Float64Array, labels: readonly string[] | undefined, index: number): Prediction {
  return { index, label: labels?.[index] ?? `class ${index}`, logit: logits[index]!, probability: shares[index]! };
}

/** The `top` likeliest classes, likeliest first; of equal ones the lower index first. */
export function topPredictions(logits: Float32Array, { labels, activation }: Pick<ModelDescription, "labels" | "activation">, top: number): Prediction[] {
  const shares = probabilities(logits, activation);
  const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  return order.slice(0, top).map((index) => predictionOf(logits, shares, labels, index));
}

/** What is explained: `find` knows the class that a person means; probabilities are those that the model's activation makes. */
export function targetOf({ target, versus, score }: Pick<ExplainRequest, "target" | "versus" | "score">, { activation }: Pick<ModelDescription, "activation">, find: (spec: TargetSpec) => number | "predicted"): Target {
  const index = find(target);
  const against = versus === undefined || versus === "runner-up" ? versus : find(versus);
  return { index, versus: against === "predicted" ? "runner-up" : against, score: score === "logit" ? score : activation };
}

/** The class meant: `"predicted"`, an index, or a label in any case. Throws `targetUnknown`. */
export function resolveTarget(target: TargetSpec, labels: readonly string[] | undefined, classes: number | undefined): number | "predicted" {
  if (target === "predicted") return target;
  const known = classes ?? labels?.length;
  if (typeof target === "number") {
    if (Number.isInteger(target) && target >= 0 && (known === undefined || target < known)) return target;
  } else {
    const wanted = target.toLowerCase();
    const index = [labels?.indexOf(target), labels?.findIndex((label) => label.toLowerCase() === wanted)].find((found) => found !== undefined && found >= 0);
    if (index !== undefined && (classes === undefined || index < classes)) return index;
  }
  throw new WhylightError("targetUnknown", { target, classes: known ?? "?" });
}
