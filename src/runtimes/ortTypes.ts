/** @file Element types that ONNX Runtime's CPU kernels lack, computed in wider ones. Found by compiling every operator with every type on ONNX Runtime 1.30. */
import type { GraphBuilder } from "../engine/ir/builder.js";
import type { Node } from "../engine/ir/graph.js";
import type { DType } from "../engine/ir/tensor.js";
import type { LoweringRule } from "../engine/passes/lower.js";

type Wider = Readonly<Partial<Record<DType, DType>>>;

const short: Wider = { int16: "int32", uint16: "int32" };
const small: Wider = { ...short, int8: "int32", uint8: "int32" };
const unsigned: Wider = { uint32: "int64", uint64: "int64" };

/** Operator to the types it lacks and what stands in for them; operands of that type are cast, and results of that type cast back. */
const wider: Readonly<Record<string, Wider>> = {
  ...Object.fromEntries(["ReduceMean", "ReduceSum", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp", "CumSum"].map((op) => [op, { ...small, ...unsigned }])),
  ...Object.fromEntries(["ReduceMax", "ReduceMin", "ArgMax", "ArgMin"].map((op) => [op, { ...short, ...unsigned }])),
  ...Object.fromEntries(["Max", "Min", "Clip", "Pad"].map((op) => [op, short])),
  ...Object.fromEntries(["MaxPool", "DepthToSpace", "SpaceToDepth"].map((op) => [op, { int16: "float32", uint16: "float32", int32: "float64", int64: "float64", uint32: "float64", uint64: "float64", bool: "uint8" } as const])),
  Neg: { uint8: "int32", uint16: "int32", uint32: "int64", uint64: "int64" },
  Relu: { int16: "int32", int64: "float64" },
  Pow: { ...small, ...unsigned },
  Where: { int8: "int32", int16: "int32", uint16: "int32", uint32: "int64", uint64: "int64", bool: "uint8" },
  MatMul: small,
  BitShift: { uint16: "uint32" },
};

const lowerTypes = (types: Wider): LoweringRule => (graph, node) => {
  const isCondition = (i: number) => node.op === "Where" && i === 0;
  const lacking = node.inputs.map((input, i) => (input === "" || isCondition(i) ? undefined : types[graph.type(input).dtype]));
  if (lacking.every((to) => to === undefined)) return undefined;
  const inputs = node.inputs.map((input, i) => (lacking[i] === undefined ? input : graph.add("Cast", [input], { to: lacking[i] })));
  const outputs = graph.addMany(node.op, inputs, node.attributes, node.outputs.length);
  return outputs.map((output, i) => castBack(graph, node, output, i));
};

function castBack(graph: GraphBuilder, node: Node, output: string, i: number): string {
  const wanted = node.outputs[i] === "" ? undefined : graph.type(node.outputs[i]!).dtype;
  return wanted === undefined || graph.type(output).dtype === wanted ? output : graph.add("Cast", [output], { to: wanted });
}

/** One rule per operator with gaps. */
export const typeLowerings: Readonly<Record<string, LoweringRule>> = Object.fromEntries(Object.entries(wider).map(([op, types]) => [op, lowerTypes(types)]));
