/** @file Forms that shaders find hard: more than four axes, and truths that were computed and not given. */
import type { GraphBuilder } from "../../../src/engine/ir/builder.js";
import { float32 } from "../../../src/engine/ir/tensor.js";
import { caseOf, draw, ints, plain } from "./operatorCase.js";

const five = (seed: number) => draw([2, 3, 1, 4, 5], seed);
const end = 2 ** 63;

const movingCases = [
  plain("Pad of the last of five axes", "Pad", [five(1)], {}, [ints([0, 1]), float32([], [7]), ints([4])]),
  plain("Pad of six axes that crops", "Pad", [draw([2, 1, 3, 2, 2, 2], 1)], {}, [ints([0, 1, 0, 2, 1, -1, 0, 0, 1, 0, 1, 1])]),
  plain("Pad of five axes by reflection", "Pad", [five(1)], { mode: "reflect" }, [ints([0, 1, 0, 2, 1, 0, 0, 0, 1, 0])]),
  plain("Slice of five axes, every second and backwards", "Slice", [five(1)], {}, [ints([1, -1, 0]), ints([end, -end, end]), ints([1, 3, 4]), ints([2, -2, 2])]),
  plain("Tile of five axes", "Tile", [five(1)], {}, [ints([1, 2, 3, 1, 2])]),
  plain("Transpose of six axes", "Transpose", [draw([2, 1, 3, 2, 2, 2], 1)], { perm: [3, 0, 5, 1, 4, 2] }),
  plain("Concat of five axes", "Concat", [five(1), five(2)], { axis: 2 }), plain("Split of five axes", "Split", [five(1)], { axis: 4 }, [ints([2, 3])], 2),
  plain("Expand of five axes", "Expand", [five(1)], {}, [ints([2, 3, 2, 4, 5])]),
  plain("Trilu of five axes", "Trilu", [five(1)], { upper: 0 }),
  plain("Gather of five axes", "Gather", [five(1)], { axis: 3 }, [ints([3, -1, 0])]),
  plain("GatherND of five indices", "GatherND", [five(1)], {}, [ints([1, 2, 0, 3, 4, 0, -1, 0, 1, -2], [2, 5])]),
  plain("ScatterND of five indices", "ScatterND", [five(1), ints([1, 2, 0, 3, 4, 0, -1, 0, 1, -2], [2, 5]), draw([2], 4)], { reduction: "add" }),
];

const computingCases = [
  ...["Add", "Mul", "Div", "Max", "Greater"].map((op) => plain(`${op} of five axes and a vector`, op, [five(1), draw([5], 2, 0.5, 2)])),
  plain("Sub of a vector and five axes", "Sub", [draw([5], 2), five(1)]),
  plain("MatMul with three axes of batches", "MatMul", [draw([2, 3, 1, 4, 5], 1), draw([3, 2, 5, 3], 2)]),
  plain("Softmax of five axes", "Softmax", [five(1)], { axis: 1 }),
  plain("LayerNormalization of five axes", "LayerNormalization", [five(1)], { axis: -1 }, [draw([5], 2), draw([5], 3)]),
  ...["ReduceSum", "ReduceMax", "ReduceProd"].map((op) => plain(`${op} of five axes`, op, [five(1)], { keepdims: 0 }, [ints([1, 3])])),
  plain("ArgMin of five axes", "ArgMin", [five(1)], { axis: 1, keepdims: 0 }),
  plain("CumSum of five axes", "CumSum", [five(1)], { exclusive: 1 }, [ints([1], [])]), plain("CumSum of five axes from the end", "CumSum", [five(1)], { reverse: 1 }, [ints([3], [])]),
  plain("TopK of one", "TopK", [draw([3, 1], 3)], { axis: -1 }, [ints([1])], 2),
];

const truths = (graph: GraphBuilder, x: string) => graph.add("Greater", [graph.add("Mul", [x, x]), graph.scalar(0.2)]);
/** What a comparison gave, as numbers. */
const counted = (graph: GraphBuilder, x: string) => graph.add("Cast", [truths(graph, x)], { to: "float32" });

const truthCases = [
  ...[[2, 0, 1], [0, 2, 1]].map((perm) => caseOf(`Transpose ${perm.join()} of truths`, [draw([3, 4, 5], 1)], (graph, x) => [graph.add("Transpose", [truths(graph, x!)], { perm })])),
  caseOf("Transpose of a matrix of truths", [draw([3, 4], 1)], (graph, x) => [graph.add("Transpose", [truths(graph, x!)], { perm: [1, 0] })]),
  ...["ReduceSum", "ReduceMin", "ReduceMax", "ReduceMean"].map((op) => caseOf(`${op} of counted truths`, [draw([3, 4, 5], 1)], (graph, x) => [graph.add(op, [counted(graph, x!), graph.ints([0, 1])], { keepdims: 0 })])),
  caseOf("MatMul of counted truths", [draw([4, 8], 1), draw([8, 4], 2)], (graph, x, y) => [graph.add("MatMul", [counted(graph, x!), y!])]),
  caseOf("ArgMax of counted truths", [draw([3, 4, 5], 1)], (graph, x) => [graph.add("ArgMax", [graph.add("Add", [counted(graph, x!), x!])], { axis: 0, keepdims: 0 })]),
  caseOf("Concat and Slice of truths", [draw([3, 4], 1)], (graph, x) => {
    const both = graph.add("Concat", [truths(graph, x!), graph.add("Not", [truths(graph, x!)])], { axis: 0 });
    return [both, graph.add("Slice", [both, graph.ints([1]), graph.ints([5]), graph.ints([0]), graph.ints([2])])];
  }),
];

/** Int32 beyond what float32 holds. */
const large = { dtype: "int32", shape: [2, 2], data: Int32Array.of(16_777_217, -16_777_219, 2_000_000_001, 5) } as const;
const integerCases = [
  plain("Transpose of large int32", "Transpose", [large], { perm: [1, 0] }), plain("Add of large int32", "Add", [large, large]), plain("ReduceMax of large int32", "ReduceMax", [large], { keepdims: 0 }, [ints([0])]),
  plain("Gather of large int32", "Gather", [large], { axis: 0 }, [ints([1, 0])]), plain("Equal of large int32", "Equal", [large, { dtype: "int32", shape: [1], data: Int32Array.of(16_777_216) }]),
];

export const manyAxesCases = [...movingCases, ...computingCases, ...truthCases, ...integerCases];
