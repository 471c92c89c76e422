/** @file The sidecar file of a model for the form that writes it: what it holds, and whether other text would do. */
import { readFileSync, statSync } from "node:fs";
import { WhylightError, toWhylightError } from "../../engine/errors.js";
import { readLabelsText } from "../../engine/preprocess/labels.js";
import type { Note } from "../../protocol/api.js";
import type { DescriptionFile } from "../../protocol/models.js";
import type { LoadedModel } from "../modelCache.js";
import { sidecarFilesOf, sidecarTextOf } from "../modelDescription.js";

/** Longer files are no lists of labels. */
const longestLabels = 16_000_000;

/** What there is. Files that are wrong are told, not thrown: mending them is what the form is for. */
export function readDescription(model: LoadedModel): DescriptionFile {
  const found = sidecarTextOf(model.path);
  const about = { file: found?.file ?? sidecarFilesOf(model.path)[0], text: found?.text, classes: model.classes(), channels: model.image?.channels };
  try {
    const { description, notes } = model.describe();
    return { ...about, description, notes, problem: undefined };
  } catch (thrown) {
    const { code, data } = toWhylightError(thrown);
    return { ...about, description: undefined, notes: [], problem: { code, data } };
  }
}

/** Reads `text` as the sidecar file. Throws `descriptionInvalid`. */
export function checkDescription(model: LoadedModel, text: string): { readonly notes: readonly Note[] } {
  return { notes: model.describe({ file: sidecarTextOf(model.path)?.file ?? sidecarFilesOf(model.path)[0], text }).notes };
}

/** The class names in a file. Throws `labelsInvalid`. */
export function readLabelsFile(path: string): { readonly labels: readonly string[] } {
  const fail = (reason: string, cause?: unknown): never => {
    throw new WhylightError("labelsInvalid", { path, reason }, { cause });
  };
  let text = "";
  try {
    if (statSync(path).size > longestLabels) fail("it is too long");
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    fail(thrown instanceof WhylightError ? String(thrown.data["reason"]) : "it cannot be read", thrown);
  }
  if (text.includes("\0")) fail("it is not text");
  const labels = readLabelsText(text);
  return labels.some((label) => label !== "") ? { labels } : fail("it is empty");
}
