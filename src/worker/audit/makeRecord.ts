/** @file The model's answer about one image as a record. */
import type { AuditRecord } from "../../engine/audit/record.js";
import { entropyOf, probabilities } from "../../engine/attribution/probabilities.js";
import type { OutputActivation } from "../../engine/preprocess/description.js";
import type { Answer } from "./fittingProgram.js";
import type { SeenPixels } from "./seenImage.js";

const shownClasses = 5;

/** The record of an image; `label` is the class it is labelled as, -1 without one. Of equal logits the first class counts. */
export function makeRecord(file: string, label: number, { width, height, flags, hash }: Omit<SeenPixels, "pixels">, { logits, map, features }: Answer, activation: OutputActivation): AuditRecord {
  const shares = probabilities(logits, activation);
  const top = likeliest(logits, shownClasses);
  const predicted = top[0]!;
  return {
    file, label, predicted, confidence: shares[predicted]!, trueProbability: label < 0 ? 0 : shares[label]!, rank: label < 0 ? 0 : rankOf(logits, label),
    top: top.map((index) => [index, shares[index]!] as const), entropy: entropyOf(shares, activation).nats, width, height, flags, hash, map, features,
  };
}

/** Indices of the largest, largest first. */
function likeliest(logits: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < logits.length; i++) {
    if (best.length === count && logits[i]! <= logits[best.at(-1)!]!) continue;
    let at = best.length;
    while (at > 0 && logits[best[at - 1]!]! < logits[i]!) at--;
    best.splice(at, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}

/** 1 for the first of the largest. */
function rankOf(logits: Float32Array, index: number): number {
  let rank = 1;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > logits[index]! || (logits[i] === logits[index] && i < index)) rank++;
  return rank;
}
