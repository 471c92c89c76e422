/** @file Reductions, arg max, running sums: along axes that are found wherever the graph keeps them. */
import type { RuleContext, Rule, RuleTable } from "./rule.js";
import { table } from "./rule.js";

interface Axes {
  readonly x: string;
  /** In the graph. */
  readonly axes: readonly number[];
  readonly first: boolean;
}

/** The operand and the axes to reduce. A value held channels first stays so while none of its axes go, or when its image goes as a whole and only batch and channels are left. */
function reducedAxes(context: RuleContext, keep: boolean): Axes {
  const rank = context.rank(0);
  const given = context.fixed(1, "list of axes");
  const { value, first } = context.held(0);
  const own = new Set(given.map((axis) => context.axisOf(axis, rank, false)));
  const isImageWhole = Array.from({ length: rank - 2 }, (_, i) => i + 1).every((axis) => own.has(axis));
  const stays = first && (keep || isImageWhole);
  return { x: stays ? value : context.last(0), axes: given.map((axis) => context.axisOf(axis, rank, stays)), first: stays && keep };
}

const reduce = (op: string): Rule => (context) => {
  const keep = context.flag("keep_dims");
  const { x, axes, first } = reducedAxes(context, keep);
  // No axes mean all of them in ONNX, and none in TensorFlow.
  if (axes.length === 0) return context.held(0);
  return { value: context.done(op, [x, context.writer.ints(axes)], { keepdims: keep ? 1 : 0 }), first };
};

/** Booleans have no reductions in ONNX: of whole numbers 0 and 1 the largest tells whether any is true, the smallest whether all are. */
const reduceTruth = (op: string): Rule => (context) => {
  const keep = context.flag("keep_dims");
  const { x, axes, first } = reducedAxes(context, keep);
  if (axes.length === 0) return context.held(0);
  const numbers = context.add(op, [context.add("Cast", [x], { to: "int32" }), context.writer.ints(axes)], { keepdims: keep ? 1 : 0 });
  return { value: context.done("Cast", [numbers], { to: "bool" }), first };
};

const argument = (op: string): Rule => (context) => {
  const axis = context.axisOf(context.inputs.length > 1 ? context.fixed(1, "axis")[0]! : 0, context.rank(0), false);
  const at = context.add(op, [context.last(0)], { axis, keepdims: 0 });
  const to = context.typeNamed("output_type", "int64");
  return to === "int64" ? at : context.done("Cast", [at], { to });
};

const cumulate: Rule = (context) => {
  const axis = context.axisOf(context.fixed(1, "axis")[0]!, context.rank(0), false);
  return context.done("CumSum", [context.last(0), context.writer.int(axis)], { exclusive: context.flag("exclusive") ? 1 : 0, reverse: context.flag("reverse") ? 1 : 0 });
};

const topK: Rule = (context) => {
  const k = context.fixed(1, "number of elements");
  const [values, at] = context.writer.addMany("TopK", [context.last(0), context.writer.ints(k)], { axis: -1, largest: 1, sorted: 1 }, 2, "");
  return [values!, context.add("Cast", [at!], { to: "int32" })];
};

export const reductionRules: RuleTable = {
  Mean: reduce("ReduceMean"), Sum: reduce("ReduceSum"), Max: reduce("ReduceMax"), Min: reduce("ReduceMin"), Prod: reduce("ReduceProd"), EuclideanNorm: reduce("ReduceL2"),
  Any: reduceTruth("ReduceMax"), All: reduceTruth("ReduceMin"),
  ArgMax: argument("ArgMax"), ArgMin: argument("ArgMin"),
  Cumsum: cumulate,
  ...table(["TopKV2"], topK),
};
