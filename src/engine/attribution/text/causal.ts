/** @file Whether tokens attend to earlier ones only, as in models that continue a text. */
import { producers, isInMemory, type Graph, type Node } from "../../ir/graph.js";
import { sizeOf, toNumbers, type Tensor } from "../../ir/tensor.js";

/** What a mask passes through, from the operand in that place on. */
const maskSteps: Readonly<Record<string, readonly number[]>> = {
  Add: [0, 1], Sub: [0, 1], Mul: [0, 1], Div: [0], Where: [0, 1, 2], And: [0, 1], Or: [0, 1], Not: [0], Max: [0, 1], Min: [0, 1], Equal: [0], Cast: [0], Identity: [0], Reshape: [0], Squeeze: [0], Unsqueeze: [0], Expand: [0], Transpose: [0],
  Slice: [0], Gather: [0], GatherND: [0], ScatterND: [0, 2], Concat: [0, 1],
};
const comparisons = new Set(["Less", "LessOrEqual", "Greater", "GreaterOrEqual"]);

/** By a mask of half a square that the scores of some attention get: cut out (`Trilu`), compared, or a constant of the file. */
export function isCausal(graph: Graph): boolean {
  const writers = producers(graph);
  const seen = new Set<string>();
  const isHalf = (value: string): boolean => {
    if (seen.has(value)) return false;
    seen.add(value);
    const constant = graph.initializers.get(value);
    if (constant) return isInMemory(constant) ? isTriangle(constant) : isSquare(constant.shape);
    const node = writers.get(value);
    if (node === undefined) return false;
    if (node.op === "Trilu") return true;
    if (comparisons.has(node.op)) return node.inputs.every((input) => countsPlaces(input));
    return (maskSteps[node.op] ?? []).some((i) => node.inputs[i] !== undefined && isHalf(node.inputs[i]));
  };
  /** Whether a value is numbers counted up: by `Range`, a running sum, or a constant. */
  const countsPlaces = (value: string, steps = 12): boolean => {
    if (steps === 0) return false;
    const constant = graph.initializers.get(value);
    if (constant) return sizeOf(constant.shape) > 1;
    const node = writers.get(value);
    if (node === undefined) return graph.inputs.includes(value) && /position/.test(value);
    return node.op === "Range" || node.op === "CumSum" || (["Add", "Sub", "Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Expand", "Transpose", "Slice", "Gather", "GatherND"].includes(node.op) && countsPlaces(node.inputs[0]!, steps - 1));
  };
  const isCausalAttention = ({ op, attributes }: Node) => /Attention/.test(op) && (attributes["is_causal"] === 1 || attributes["unidirectional"] === 1 || op === "GroupQueryAttention");
  return graph.nodes.some((node) => isCausalAttention(node) || (node.op === "Softmax" && isHalf(node.inputs[0]!)));
}

/** Large constants stay in their file; a bias that is learned has one square per head. */
function isSquare(shape: readonly number[]): boolean {
  return shape.length >= 2 && shape.at(-1) === shape.at(-2) && shape.slice(0, -2).every((dim) => dim === 1);
}

/** A square whose upper half holds one value and its lower half another. */
function isTriangle({ shape, data, dtype }: Tensor): boolean {
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || columns === undefined || rows !== columns || rows < 2) return false;
  const values = toNumbers({ shape, data, dtype });
  const [above, below] = [values[1]!, values[columns]!];
  if (above === below) return false;
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) if (i !== j && values[i * columns + j] !== (j > i ? above : below)) return false;
  return true;
}
