/** @file Matrix products. */
import type { FlatValue } from "../flatten.js";
import { activate } from "./elementwise.js";
import { table, type Rule, type RuleContext, type RuleTable } from "./rule.js";

/** Input i as a matrix, or a batch of them, turned round where the node says so. */
function matrix(context: RuleContext, i: number, isTurned: boolean): string {
  const value = context.last(i);
  if (!isTurned) return value;
  const axes = context.shape(i).map((_, axis) => axis);
  return context.add("Transpose", [value], { perm: [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!] });
}

const operands = (context: RuleContext) => (["a", "b"] as const).map((side, i) => matrix(context, i, context.flag(`transpose_${side}`) || context.flag(i === 0 ? "adj_x" : "adj_y")));

const product: Rule = (context) => context.done("MatMul", operands(context));

/** What grappler and TensorFlow.js's converter fuse behind a product: a bias, then an activation. */
const fused: Rule = (context) => {
  const ops = [...context.texts("fused_ops")];
  const hasBias = ops[0] === "BiasAdd";
  const [activation, ...more] = ops.slice(hasBias ? 1 : 0);
  if (more.length > 0) context.refuse(`what it fuses, ${ops.join(", ")}, is not known`);
  if (!hasBias && activation === undefined) return product(context);
  let x = context.add("MatMul", operands(context));
  if (hasBias) x = activation === undefined ? context.done("Add", [x, context.last(2)]) : context.add("Add", [x, context.last(2)]);
  return activation === undefined ? x : activate(context, activation, x, activation === "Prelu" ? context.last(context.inputs.length - 1) : undefined);
};

const einsum: Rule = (context) => context.done("Einsum", context.inputs.map((_, i) => context.last(i)), { equation: context.text("equation", "") });

/** Rows of a table that are picked. */
const gather: Rule = (context) => {
  const rank = context.rank(0);
  const axis = context.axisOf(context.inputs.length > 2 ? context.fixed(2, "axis")[0]! : 0, rank, false);
  const batch = context.int("batch_dims", 0);
  if (batch === 0) return context.done("Gather", [context.last(0), countedFromEnd(context) ?? context.last(1)], { axis });
  if (batch !== axis) return context.refuse(`it gathers along axis ${axis} with ${batch} batch axes`);
  const opened = context.add("Unsqueeze", [context.index(1), context.writer.ints([-1])]);
  return context.done("GatherND", [context.last(0), opened], { batch_dims: batch });
};

/** The indices where Keras adds the number of rows to negative ones, `where(ids < 0, ids + rows, ids)`: ONNX's `Gather` does that by itself, and the table is looked up by the ids as they are. */
function countedFromEnd(context: RuleContext): string | undefined {
  const { node: select } = context.node.inputs[1]!;
  const [condition, added, ids] = select.inputs;
  const isIds = (value: FlatValue | undefined) => value?.node === ids?.node && value?.output === ids?.output;
  const isWrap = /^Select(V2)?$/.test(select.op) && condition?.node.op === "Less" && isIds(condition.node.inputs[0]) && /^Add(V2)?$/.test(added?.node.op ?? "") && isIds(added!.node.inputs[0]);
  return isWrap ? context.valueOf(ids!)?.value : undefined;
}

export const productRules: RuleTable = {
  ...table(["MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"], product),
  _FusedMatMul: fused,
  Einsum: einsum,
  ...table(["Gather", "GatherV2", "ResourceGather"], gather),
  GatherNd: (context) => context.done("GatherND", [context.last(0), context.index(1)]),
};
