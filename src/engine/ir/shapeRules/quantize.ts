/** @file Shape rules of quantisation: the input's shape in another type. */
import { textOf } from "../attributes.js";
import type { DType } from "../tensor.js";
import { one, type ShapeRule } from "./rule.js";

/** The zero point's type; without one the `output_dtype` that the importer read, or uint8. */
const quantize: ShapeRule = ({ node, dtype, shape, has }) => one(has(2) ? dtype(2) : (textOf(node, "output_dtype", "uint8") as DType), shape(0));

export const quantizeShapes: Readonly<Record<string, ShapeRule>> = {
  QuantizeLinear: quantize,
  DequantizeLinear: ({ dtype, shape }) => one(dtype(1), shape(0)),
  DynamicQuantizeLinear: ({ node, shape }) =>
    [{ dtype: "uint8" as const, shape: shape(0) }, { dtype: "float32" as const, shape: [] }, { dtype: "uint8" as const, shape: [] }].slice(0, node.outputs.length),
};
