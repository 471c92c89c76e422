/** @file What was gathered about an invented prediction, for tests of what is said about it: nothing speaks for any cause until a test changes something. */
import type { Focus, Gathered, Neighbour, Quality, VariantFamily, VariantResult } from "../../../../src/engine/debug/evidence.js";

const focus: Focus = {
  region: { x: 0.4, y: 0.4, width: 0.2, height: 0.2 }, place: "centre", regionMass: 0.5, regionArea: 0.04, border: 0.2, corner: 0.1, cornerPlace: "topLeft", uniform: 0.2, uniformArea: 0.3, outside: 0.5,
};
const quality: Quality = { flags: [], sharpness: 500, brightness: 0.5, contrast: 0.2, width: 640, height: 480, transparent: 0, cutOff: 0.1 };

/** Class 1 of 100 was predicted (60 %); class 2 is true, at rank 8 with 2 %. */
export function gathered(over: Partial<Gathered> = {}): Gathered {
  return {
    true: { index: 2, label: "fish", probability: 0.02, rank: 8 }, predicted: { index: 1, label: "mug", probability: 0.6, rank: 1 }, expected: undefined,
    margin: { probability: 0.58, logit: 3.4 }, entropy: { nats: 1, share: 0.3 }, classCount: 100, focus: { predicted: focus, true: focus }, overlap: { iou: 0.4, shared: 0.5, correlation: 0.3 },
    variants: [], quality, neighbours: undefined, classNames: { 3: "car" }, ...over,
  };
}

export const focusWith = (over: Partial<Focus>): Focus => ({ ...focus, ...over });
export const qualityWith = (over: Partial<Quality>): Quality => ({ ...quality, ...over });

/** A result of trying something; by default nothing changed. */
export function result(id: string, family: VariantFamily, over: Partial<VariantResult> = {}): VariantResult {
  return { id, family, predicted: 1, confidence: 0.6, predictedProbability: 0.6, trueProbability: 0.02, fixes: false, ...over };
}
/** One that brings the true class first. */
export const fix = (id: string, family: VariantFamily, probability: number): VariantResult => result(id, family, { predicted: 2, confidence: probability, predictedProbability: (1 - probability) / 2, trueProbability: probability, fixes: true });

/** Counter-tests: what masking the hot region leaves of both classes, for each of two fillings, and what masking elsewhere leaves. */
export function masking(hot: readonly (readonly [predicted: number, right: number])[], control: readonly [predicted: number, right: number] = [0.58, 0.03]): VariantResult[] {
  const after = (id: string, [predicted, right]: readonly [number, number]) => result(id, "mask", {
    predicted: right > predicted ? 2 : 1, confidence: Math.max(predicted, right), predictedProbability: predicted, trueProbability: right, fixes: right > predicted,
  });
  return hot.flatMap((values, i) => [after(`mask-hot${i === 0 ? "" : "-mean"}`, values), after(`mask-elsewhere${i === 0 ? "" : "-mean"}`, control)]);
}

export const near = (label: number, over: Partial<Neighbour> = {}): Neighbour => ({ file: `${label}/a.jpg`, label, similarity: 0.9, isDuplicate: false, ...over });
