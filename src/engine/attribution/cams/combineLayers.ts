/** @file From the maps of one layer or several to one result. */
import type { MethodContext } from "../context.js";
import { rangeOf, relu, resizeBilinear } from "../maps.js";
import type { MethodResult, Remark } from "../method.js";
import type { PlainTensor } from "../parameters.js";

/** pytorch-grad-cam's, which holds the maps of layers with hardly any gradient small among the others. */
const epsilon = 1e-7;

/**
 * A single layer's raw map `[h, w]` as it is, signed. Of several the mean of their maps, each brought to the input's size `[H, W]` after ReLU and min-max
 * (pytorch-grad-cam's `aggregate_multi_layers`): 0 to 1.
 */
export function combineLayers({ input, pixels }: Pick<MethodContext, "input" | "pixels">, maps: readonly PlainTensor[], facts: MethodResult["facts"] = {}): MethodResult {
  const remarks = blankLayers(maps);
  if (maps.length === 1) return { attribution: maps[0]!, facts, remarks };
  const [height, width] = pixels.layout === "NHWC" ? [input.shape[1]!, input.shape[2]!] : [input.shape[2]!, input.shape[3]!];
  const data = new Float32Array(height * width);
  for (const map of maps) {
    const resized = resizeBilinear(stretched(relu(map)), [height, width]);
    for (let i = 0; i < data.length; i++) data[i]! += resized.data[i]! / maps.length;
  }
  return { attribution: { shape: [height, width], data }, facts: { ...facts, layers: maps.length }, remarks };
}

/** Min-max as pytorch-grad-cam's `scale_cam_image`. */
function stretched({ shape, data }: PlainTensor): PlainTensor {
  const [min, max] = rangeOf(data);
  return { shape, data: data.map((value) => (value - min) / (epsilon + max - min)) };
}

/** Why nothing is to be seen: no layer has anything positive, or every one is the same everywhere. The sum of several would no longer tell. */
function blankLayers(maps: readonly PlainTensor[]): Remark[] {
  const ranges = maps.map(({ data }) => rangeOf(data));
  if (maps.length < 2 || ranges.every(([low, high]) => low === 0 && high === 0)) return [];
  return ranges.every(([, high]) => high <= 0) ? [{ code: "allNegativeCam", data: {} }] : [];
}
