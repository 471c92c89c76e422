/** @file What is rewritten in a graph before TensorFlow.js plans it: operators that others of its kernels can stand for. */
import { einsumByMatMul } from "../../engine/passes/einsumByMatMul.js";
import { plainForms } from "../../engine/passes/expand/expansions.js";
import { preciseTrigonometry } from "../../engine/passes/forShaders.js";
import type { LoweringRule } from "../../engine/passes/lower.js";
import { maxPoolGradByComparison, reluMaskByClip } from "../../engine/passes/lowerings.js";
import { plainFunctions } from "../../engine/passes/plainFunctions.js";
import { lrnBySums, rmsNormalizationByMean, swishBySigmoid } from "../../engine/passes/plainOperators.js";
import { resizeByMatrices } from "../../engine/passes/resizeByMatrices.js";
import type { BackendKind } from "./lowering.js";

/** Integers and doubles stay whole, and so go to the interpreter where no kernel takes them. */
const onFloat32 = (rule: LoweringRule): LoweringRule => (graph, node, context) => (graph.type(node.inputs[0]!).dtype === "float32" ? rule(graph, node, context) : undefined);

const everywhere: Readonly<Record<string, LoweringRule>> = {
  ...Object.fromEntries(Object.entries(plainForms).map(([op, rule]) => [op, onFloat32(rule)])),
  ...plainFunctions,
  Swish: swishBySigmoid, RMSNormalization: rmsNormalizationByMean, LRN: onFloat32(lrnBySums), Einsum: onFloat32(einsumByMatMul), Resize: onFloat32(resizeByMatrices),
};

/** Operator to rule, per backend. */
export const graphLowerings: Readonly<Record<BackendKind, Readonly<Record<string, LoweringRule>>>> = {
  wasm: { ...everywhere, Sign: reluMaskByClip },
  tensorflow: everywhere,
  // The backend's own gradient of pooling sends the cotangent of a tied window to its last maximum.
  webgpu: { ...everywhere, ...preciseTrigonometry, MaxPoolGrad: maxPoolGradByComparison },
};
