/** @file Reads a model file of any format: a row per format. */
import { WhylightError, toWhylightError } from "../../engine/errors.js";
import { detectFormat } from "../../engine/importers/detect.js";
import type { ImportedModel, ModelFormat } from "../../engine/importers/importedModel.js";
import type { ModelFiles } from "../../engine/importers/modelFiles.js";
import { openModelFiles } from "./modelFolder.js";
import { importOnnxFile } from "./onnx.js";
import { importSafetensorsFile } from "./safetensors.js";

/** Reads one format. What is open is closed when the promise settles. */
export type ReadModel = (files: ModelFiles) => ImportedModel | Promise<ImportedModel>;

const readers: Readonly<Partial<Record<ModelFormat, ReadModel>>> = { onnx: importOnnxFile, safetensors: importSafetensorsFile };

/** The model in a file. Throws what makes it unreadable: `modelFormatUnknown`, `modelCorrupt`, `modelUnsafe`, `architectureUnknown` and their kin, with its path. */
export async function importModel(path: string): Promise<ImportedModel> {
  const files = openModelFiles(path);
  try {
    if (files.main.size === 0) throw new WhylightError("modelCorrupt", { path, reason: "the file is empty" });
    // ONNX has no signature: its reader says whether the file is one.
    const read = readers[detectFormat(files.main) ?? "onnx"];
    if (read === undefined) throw new WhylightError("modelFormatUnknown", { path });
    return await read(files);
  } catch (thrown) {
    // What the engine finds wrong deep inside has no path yet.
    const error = toWhylightError(thrown);
    throw error.data["path"] === undefined ? new WhylightError(error.code, { path, ...error.data }, { cause: error }) : error;
  } finally {
    files.close();
  }
}
