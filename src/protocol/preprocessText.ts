/** @file How images become a model's input, in a few words of the field, which are the same in every language. */
import type { Preprocess } from "../engine/preprocess/description.js";

/** "shorter side 256, bilinear, centre crop 224 × 224, mean 0.485 0.456 0.406, std 0.229 0.224 0.225". */
export function sentenceOf({ resize, size, crop, interpolation, channels, mean, std }: Preprocess): string {
  const resizing = { "shortest-side": `shorter side ${size[0]}, ${interpolation}`, exact: `stretched to ${size.join(" × ")}, ${interpolation}`, none: "not resized" }[resize];
  const parts = [resizing, ...(crop ? [`centre crop ${crop.join(" × ")}`] : []), ...(channels === "rgb" ? [] : [channels]), `mean ${mean.join(" ")}`, `std ${std.join(" ")}`];
  return parts.join(", ");
}
