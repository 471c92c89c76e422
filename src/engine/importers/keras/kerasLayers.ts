/** @file The layers that are known, by class. */
import type { LayerConfig } from "./config.js";
import type { LayerRule, LayerRules } from "./layerRule.js";
import { activationLayers } from "./layers/activations.js";
import { attentionLayers } from "./layers/attention.js";
import { convolutionLayers } from "./layers/convolutions.js";
import { mergingLayers } from "./layers/merging.js";
import { normalizationLayers } from "./layers/normalizations.js";
import { operationLayers, wrappedLayers } from "./layers/operations.js";
import { poolingLayers } from "./layers/pooling.js";
import { preprocessingLayers } from "./layers/preprocessing.js";
import { recurrentLayers } from "./layers/recurrent.js";
import { shapingLayers } from "./layers/shaping.js";

export const kerasLayers: LayerRules = {
  ...convolutionLayers, ...poolingLayers, ...normalizationLayers, ...activationLayers, ...mergingLayers, ...shapingLayers, ...preprocessingLayers, ...attentionLayers, ...recurrentLayers, ...wrappedLayers,
};

/** The rule for a layer; `undefined` for a class that is not known. Operations share some names with layers; files that do not say where a class comes from mean an operation by a name that no layer has. */
export function ruleOf({ className, module, config }: LayerConfig): LayerRule | undefined {
  const isOperation = module.includes(".ops.") || module.startsWith("keras.ops");
  const find = (rules: LayerRules) => (Object.hasOwn(rules, className) ? rules[className] : undefined);
  if (isOperation) return find(operationLayers);
  // Layers state their type and whether they are trained, operations do not.
  return config.values["dtype"] === undefined && config.values["trainable"] === undefined ? find(operationLayers) ?? find(kerasLayers) : find(kerasLayers) ?? find(operationLayers);
}
