/** @file The map that tells where a model looks for a class: what focus, overlap and the counter-tests are measured on. */
import { methodOf } from "../../engine/attribution/methods.js";
import type { PlainTensor } from "../../engine/attribution/parameters.js";
import { asPlaces } from "../../engine/debug/hotRegion.js";
import type { DebugReport } from "../../protocol/debug.js";
import { drawExplanation } from "../renderImage.js";
import { styleOfMap } from "./debugMaps.js";

/**
 * `[height, width]` of the model's input, positive: the relevance of a transformer's patches where there is some, else the first method's map as it is drawn, single pixels blended into places. In a transformer Grad-CAM speaks of tokens that have gathered what lies elsewhere
 * (on the sample pictures with a sticker, masking its hot region changes the answer of the sample transformer for none of 27, and masking that of the relevance for all).
 */
export function measuredMap({ maps, attention, inputSize }: Pick<DebugReport, "maps" | "attention" | "inputSize">, of: "predicted" | "true"): PlainTensor {
  const relevance = attention.filter(({ kind }) => kind === "relevance");
  const patches = relevance.find((part) => part.of === of) ?? relevance[0];
  if (patches) return wholeCells(patches.grid, inputSize);
  const map = maps.find((one) => one.of === of) ?? maps[0]!;
  const { values } = drawExplanation(map.explanation, styleOfMap(map));
  return methodOf(map.explanation.method).form === "pixels" ? asPlaces(values) : values;
}

/** A grid brought to a size with every cell as it is, so that whole patches are masked, as the model sees them. */
function wholeCells({ shape, data }: PlainTensor, [height, width]: readonly [number, number]): PlainTensor {
  const [rows, columns] = shape as readonly [number, number];
  const cell = (i: number) => Math.floor((Math.floor(i / width) * rows) / height) * columns + Math.floor(((i % width) * columns) / width);
  return { shape: [height, width], data: Float32Array.from({ length: height * width }, (_, i) => data[cell(i)]!) };
}
