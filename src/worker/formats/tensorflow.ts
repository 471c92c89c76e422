/** @file TensorFlow.js's graph models and SavedModels, with weights beside them. */
import { importGraphModel } from "../../engine/importers/tensorflow/graphModel.js";
import { importSavedModel } from "../../engine/importers/tensorflow/savedModel.js";
import type { ReadModel } from "./importModel.js";

export const importTfjsGraphFile: ReadModel = importGraphModel;
export const importSavedModelFile: ReadModel = importSavedModel;
