/** @file Shape and dtype inference for one node: dispatches to the rule tables. */
import { WhylightError } from "../errors.js";
import type { Node, ValueType } from "./graph.js";
import { isOp, ops } from "./ops.js";
import { formatShape, type Dim } from "./shape.js";
import { toNumbers, type Tensor } from "./tensor.js";
import { compositeShapes } from "./shapeRules/composite.js";
import { elementwiseShapes } from "./shapeRules/elementwise.js";
import { indexingShapes } from "./shapeRules/indexing.js";
import { linearShapes } from "./shapeRules/linear.js";
import { moveShapes } from "./shapeRules/move.js";
import { recurrentShapes } from "./shapeRules/recurrent.js";
import { reduceShapes } from "./shapeRules/reduce.js";
import type { ShapeRule } from "./shapeRules/rule.js";
import { sampleShapes } from "./shapeRules/sample.js";

/** Operator name to its shape rule. Every operator of the op table has one; a test says so. */
export const shapeRules: Readonly<Record<string, ShapeRule>> = { ...elementwiseShapes, ...linearShapes, ...moveShapes, ...reduceShapes, ...indexingShapes, ...sampleShapes, ...recurrentShapes, ...compositeShapes };

/**
 * The types of a node's outputs. `typeOf` answers for its inputs, `constantOf` where their elements are known.
 * Throws `opUnsupported` for an unknown operator and `shapeMismatch` where operands do not fit, naming the node.
 */
export function inferNode(
  node: Node, typeOf: (value: string) => ValueType | undefined, constantOf: (value: string) => Tensor | undefined, dimsOf: (value: string) => readonly Dim[] | undefined = () => undefined,
): readonly ValueType[] {
  if (!isOp(node.op)) throw new WhylightError("opUnsupported", { op: node.op, node: node.name });
  const { inputs, outputs } = ops[node.op];
  const fits = (count: number, [min, max]: readonly [number, number]) => count >= min && count <= max;
  if (!fits(node.inputs.length, inputs) || !fits(node.outputs.length, outputs) || node.inputs.slice(0, inputs[0]).includes("")) {
    throw new WhylightError("modelCorrupt", { reason: `${node.op} "${node.name}" has ${node.inputs.length} inputs and ${node.outputs.length} outputs` });
  }
  const types = node.inputs.map((input) => (input === "" ? undefined : typeOf(input)));
  const constant = (i: number) => {
    const input = node.inputs[i];
    const tensor = input === undefined || input === "" ? undefined : constantOf(input);
    return tensor && toNumbers(tensor);
  };
  const mismatch = (why: string) => new WhylightError("shapeMismatch", { op: node.op, node: node.name, reason: why });
  const found = shapeRules[node.op]!({
    node,
    dtype: (i) => types[i]?.dtype ?? "float32",
    shape: (i) => types[i]?.shape,
    has: (i) => types[i] !== undefined,
    constant,
    dims: (i) => constant(i) ?? dimsOf(node.inputs[i] ?? ""),
    mismatch,
  });
  // Attributes of a damaged file lead to sizes that are none.
  for (const { shape } of found) if (shape?.some((dim) => typeof dim === "number" && !(Number.isSafeInteger(dim) && dim >= 0))) throw mismatch(`its result would be ${formatShape(shape)}`);
  return found;
}

