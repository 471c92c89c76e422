/** @file timm's models, by the name of their architecture. */
import type { Fields } from "../../preprocess/fields.js";
import type { ImportedModel } from "../importedModel.js";
import type { Weights } from "../weights.js";

/** The model; `undefined` for an architecture that is not known here. Throws `modelCorrupt` when the weights do not fit it. */
export function importTimm(_architecture: string, _config: Fields | undefined, _weights: Weights): ImportedModel | undefined {
  return undefined;
}
