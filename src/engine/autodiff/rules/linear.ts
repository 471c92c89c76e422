/** @file Gradient rules of matrix products. */
import { numberOf, numbersOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import { only, reshape, unbroadcast, type GradientRule, type GradientRules } from "../rule.js";

/** Swaps the last two axes. What was turned that way before is taken as it was: of a weight stored by its rows no copy is made. */
function transposed(graph: GraphBuilder, value: string): string {
  const rank = graph.shape(value).length;
  const perm = [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2];
  const turned = graph.producer(value);
  if (turned?.op === "Transpose" && String(numbersOf(turned, "perm")) === String(perm)) return turned.inputs[0]!;
  return graph.add("Transpose", [value], { perm });
}

/** dA = dY Bᵀ and dB = Aᵀ dY, batch axes summed back to each operand's own. Vectors are read as a row or a column. */
const matMul: GradientRule = (graph, node, cotangents, wanted) => {
  const [a, b] = node.inputs as [string, string];
  const [aShape, bShape] = [graph.shape(a), graph.shape(b)];
  const [aMatrix, bMatrix] = [aShape.length === 1 ? [1, ...aShape] : aShape, bShape.length === 1 ? [...bShape, 1] : bShape];
  const batch = graph.shape(node.outputs[0]!).slice(0, Math.max(aMatrix.length, bMatrix.length) - 2);
  const dy = reshape(graph, only(cotangents), [...batch, aMatrix.at(-2)!, bMatrix.at(-1)!]);
  const finish = (cotangent: string, matrix: readonly number[], shape: readonly number[]) => reshape(graph, unbroadcast(graph, cotangent, matrix), shape);
  return [
    wanted[0] ? finish(graph.add("MatMul", [dy, transposed(graph, reshape(graph, b, bMatrix))]), aMatrix, aShape) : undefined,
    wanted[1] ? finish(graph.add("MatMul", [transposed(graph, reshape(graph, a, aMatrix)), dy]), bMatrix, bShape) : undefined,
  ];
};

/** Y = alpha A' B' + beta C, where ' may transpose; each product is again a Gemm. */
const gemm: GradientRule = (graph, node, cotangents, wanted) => {
  const dy = only(cotangents);
  const [a, b, c] = node.inputs as [string, string, string?];
  const [alpha, transA, transB] = [numberOf(node, "alpha", 1), numberOf(node, "transA", 0), numberOf(node, "transB", 0)];
  const product = (left: string, right: string, leftFlag: number, rightFlag: number) => graph.add("Gemm", [left, right], { alpha, transA: leftFlag, transB: rightFlag });
  return [
    wanted[0] ? (transA ? product(b, dy, transB, 1) : product(dy, b, 0, 1 - transB)) : undefined,
    wanted[1] ? (transB ? product(dy, a, 1, transA) : product(a, dy, 1 - transA, 0)) : undefined,
    c && wanted[2] ? unbroadcast(graph, graph.add("Mul", [dy, graph.scalar(numberOf(node, "beta", 1))]), graph.shape(c)) : undefined,
  ];
};

/** The product of the differences from the zero points, read as numbers. */
const matMulInteger: GradientRule = (graph, node, cotangents, wanted) => {
  const [a, b, aZero, bZero] = node.inputs as [string, string, string?, string?];
  const float = (value: string) => graph.add("Cast", [value], { to: "float32" });
  const centred = (value: string, zero: string | undefined, asColumn: boolean) => {
    if (!zero) return float(value);
    const [size] = graph.shape(zero);
    return graph.add("Sub", [float(value), asColumn && graph.shape(zero).length === 1 ? reshape(graph, float(zero), [size!, 1]) : float(zero)]);
  };
  const product: Node = { ...node, inputs: [centred(a, aZero, true), centred(b, bZero, false)] };
  return matMul(graph, product, cotangents, wanted);
};

export const linearRules: GradientRules = { MatMul: matMul, Gemm: gemm, MatMulInteger: matMulInteger };
