/** @file Files of torch.save, with the config beside them. */
import { torchWeights } from "../../engine/importers/torch/torchWeights.js";
import { importWeights } from "./checkpoint.js";
import type { ReadModel } from "./importModel.js";

export const importPytorchFile: ReadModel = (files) => importWeights(files, "pytorch", torchWeights);
