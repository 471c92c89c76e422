/** @file Images as tokens: a convolution per patch, learned tokens before them, positions added. */
import type { GraphWriter } from "../../graphWriter.js";
import { conv2d } from "../../modules.js";

/** Patches `[batch, patches, width]` of an image, by the convolution of that name. */
export function patchTokens(writer: GraphWriter, name: string, pixels: string, patch: readonly [number, number]): string {
  return tokensOf(writer, conv2d(writer, name, pixels, { stride: patch }));
}

/** A map `[batch, width, rows, columns]` as tokens `[batch, rows * columns, width]`. */
export function tokensOf(writer: GraphWriter, map: string): string {
  return writer.add("Transpose", [writer.add("Reshape", [map, writer.ints([0, 0, -1])])], { perm: [0, 2, 1] });
}

/** Learned tokens, `[1, any, width]` each, for every image before its patches. */
export function withTokens(writer: GraphWriter, patches: string, tokens: readonly string[], width: number): string {
  // Where the shape says 1, a value keeps as many tokens as it has.
  const shape = writer.add("Concat", [writer.add("Shape", [patches], { start: 0, end: 1 }), writer.ints([1, width])], { axis: 0 });
  return writer.add("Concat", [...tokens.map((token) => writer.add("Expand", [token, shape])), patches], { axis: 1 });
}
