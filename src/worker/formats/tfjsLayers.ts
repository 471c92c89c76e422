/** @file TensorFlow.js layers models: Keras's configuration in `model.json`, weights in shards beside it. */
import { basename } from "node:path";
import { importKeras } from "../../engine/importers/keras/importKeras.js";
import { variablesByName } from "../../engine/importers/keras/layerWeights.js";
import { manifestWeights } from "../../engine/importers/tensorflow/weightsManifest.js";
import { objectField, parseFields, textField, wrongField } from "../../engine/preprocess/fields.js";
import type { ReadModel } from "./importModel.js";

export const importTfjsLayers: ReadModel = ({ main, open, text }) => {
  const file = parseFields(main.path, text(basename(main.path)) ?? "");
  const topology = objectField(file, "modelTopology") ?? wrongField(file, "modelTopology", "it is missing");
  const weights = manifestWeights(main.path, file.values["weightsManifest"], open);
  const version = textField(topology, "keras_version") ?? "";
  return importKeras({
    format: "tfjs-layers", path: main.path, version, metadata: version === "" ? {} : { keras_version: version },
    // Converted models have their configuration one level deeper than those that TensorFlow.js saved.
    model: objectField(topology, "model_config") ?? topology,
    find: variablesByName(weights.names.map((name) => ({ group: undefined, name, read: () => weights.get(name)! }))),
  });
};
