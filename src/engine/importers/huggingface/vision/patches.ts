/** @file Images as tokens: a convolution per patch, learned tokens before them, positions added. */
import type { GraphWriter } from "../../graphWriter.js";
import { conv2d } from "../../modules.js";

/** Patches `[batch, patches, width]` of an image, by the convolution of that name. */
export function patchTokens(writer: GraphWriter, name: string, pixels: string, patch: readonly [number, number]): string {
  return writer.add("Transpose", [writer.add("Reshape", [conv2d(writer, name, pixels, { stride: patch }), writer.ints([0, 0, -1])])], { perm: [0, 2, 1] });
}

/** Learned tokens, `[1, 1, width]` each, for every image before its patches. */
export function withTokens(writer: GraphWriter, patches: string, tokens: readonly string[], width: number): string {
  const shape = writer.add("Concat", [writer.add("Shape", [patches], { start: 0, end: 1 }), writer.ints([1, width])], { axis: 0 });
  return writer.add("Concat", [...tokens.map((token) => writer.add("Expand", [token, shape])), patches], { axis: 1 });
}
