/** @file Weights as safetensors, with the config beside them. */
import { importCheckpoint } from "../../engine/importers/importCheckpoint.js";
import { safetensorsWeights } from "../../engine/importers/safetensors.js";
import { join, dirname } from "node:path";
import type { ReadModel } from "./importModel.js";

export const importSafetensorsFile: ReadModel = ({ main, text }) => {
  const config = text("config.json");
  return importCheckpoint({ format: "safetensors", weights: safetensorsWeights(main), config: config === undefined ? undefined : { file: join(dirname(main.path), "config.json"), text: config } });
};
