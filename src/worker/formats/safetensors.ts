/** @file Weights as safetensors, with the config beside them. */
import { safetensorsWeights } from "../../engine/importers/safetensors.js";
import { importWeights } from "./checkpoint.js";
import type { ReadModel } from "./importModel.js";

export const importSafetensorsFile: ReadModel = (files) => importWeights(files, "safetensors", safetensorsWeights);
