/** @file Which nodes compute with integers that TensorFlow.js, whose only integers have 32 bits, would get wrong. */
import type { Node } from "../../engine/ir/graph.js";
import { isFloat, type DType } from "../../engine/ir/tensor.js";

/** Integers of another width: wider ones would be cut off, narrower ones would not wrap round. */
const isOtherInteger = (dtype: DType | undefined) => dtype !== undefined && dtype !== "int32" && dtype !== "bool" && !isFloat(dtype);

/** What TensorFlow.js computes in float32 for int32 as well, exact up to 2^24 only. */
const inexactOnInt32: ReadonlySet<string> = new Set(["Div", "Mod", "Pow", "Mean", "ReduceMean", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp", "CumSum", "MatMul", "Gemm"]);

/** Their first operand only says where or how many, in numbers far below 2^31. */
const readsPlaces: ReadonlySet<string> = new Set(["OneHot", "ConstantOfShape", "Shape", "Size"]);

/**
 * Whether a node with operands and results of these types belongs in the interpreter, where integers are exact up to 2^53 and wrap as they should.
 * Some backends read every integer as a float32, whatever the operator.
 */
export function needsExactIntegers(node: Node, inputs: readonly (DType | undefined)[], outputs: readonly (DType | undefined)[], readsAsFloats: boolean): boolean {
  if (readsPlaces.has(node.op)) return false;
  const data = inputs[node.op === "Where" ? 1 : 0];
  return isOtherInteger(data) || (node.op === "Cast" && isOtherInteger(outputs[0])) || (data === "int32" && (readsAsFloats || inexactOnInt32.has(node.op)));
}
