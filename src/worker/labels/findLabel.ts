/** @file What an image's surroundings say it is: a labels file, its folder's name, or its own name. */
import { toWhylightError } from "../../engine/errors.js";
import type { FoundLabel } from "../../protocol/debug.js";
import type { LoadedModel, ModelCache } from "../modelCache.js";
import { withPath } from "../runJob.js";
import { labelNames, type LabelNames } from "./labelNames.js";
import { labelReader } from "./labelReader.js";

/** The classes of a model by their names. Throws what makes it no classifier. */
export function labelNamesOf(model: LoadedModel): LabelNames {
  try {
    return labelNames(model.describe().description.labels, model.classifier().classes);
  } catch (thrown) {
    throw withPath(toWhylightError(thrown), { model: model.path });
  }
}

/** The label found, or `undefined` where none is a class of the model. Paths are absolute. Throws `labelsInvalid` for a labels file that is none. */
export async function findLabel(models: ModelCache, { model: path, input, labels }: { readonly model: string; readonly input: string; readonly labels?: string | undefined }): Promise<FoundLabel | undefined> {
  const model = await models.look(path);
  const found = labelReader({ names: labelNamesOf(model), labels })(input);
  if (found?.index === undefined) return undefined;
  return { index: found.index, label: model.describe().description.labels?.[found.index] ?? `class ${found.index}`, from: found.from };
}
