/** @file What changed between opsets in operators that index, sample and resize, undone. */
import { numberOf, numbersOf, textOf } from "../../ir/attributes.js";
import { float32, int64 } from "../../ir/tensor.js";
import type { CanonicalRule } from "./canonical.js";
import { dtypeOf } from "./tensorProto.js";

/** Before opset 11 `Upsample` and `Resize` mapped every axis by its scale alone. */
const asymmetric = { coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };

const upsample: CanonicalRule = (node, { constant }) => {
  const scales = numbersOf(node, "scales");
  const given = scales ? constant(`${node.name}.scales`, float32([scales.length], scales)) : node.inputs[1]!;
  return [{ ...node, op: "Resize", inputs: [node.inputs[0]!, "", given], attributes: { mode: textOf(node, "mode", "nearest"), ...asymmetric } }];
};

/** An input of no elements stands for one that is left out. */
const resize: CanonicalRule = (node, { opset, known }) => {
  const mode = textOf(node, "mode", "nearest");
  if (opset < 11) return [{ ...node, inputs: [node.inputs[0]!, "", node.inputs[1]!], attributes: { mode, ...asymmetric } }];
  const inputs = node.inputs.map((input) => (input !== "" && known(input)?.length === 0 ? "" : input));
  return [{ ...node, inputs: inputs.slice(0, inputs.findLastIndex((input) => input !== "") + 1) }];
};

const topK: CanonicalRule = (node, { opset, constant }) => {
  if (opset >= 10) return [node];
  const { k: _, ...attributes } = node.attributes;
  return [{ ...node, inputs: [node.inputs[0]!, constant(`${node.name}.k`, int64([1], [numberOf(node, "k", 1)]))], attributes }];
};

/** Opset 16 called the modes as images do, opset 20 as axes do. */
const gridModes: Readonly<Record<string, string>> = { bilinear: "linear", bicubic: "cubic" };

const gridSample: CanonicalRule = (node) => { const mode = textOf(node, "mode", "linear"); return [{ ...node, attributes: { ...node.attributes, mode: gridModes[mode] ?? mode } }]; };

const eyeLike: CanonicalRule = (node) => {
  const { dtype } = node.attributes;
  return [{ ...node, attributes: { ...node.attributes, ...(typeof dtype === "number" ? { dtype: dtypeOf(dtype, `EyeLike "${node.name}"`) } : {}) } }];
};

export const indexingCanonical: Readonly<Record<string, CanonicalRule>> = {
  Upsample: upsample, Resize: resize, TopK: topK, GridSample: gridSample, EyeLike: eyeLike,
  Scatter: (node) => [{ ...node, op: "ScatterElements" }],
};
