/** @file Layers that make one value of several. */
import { isValue, type KerasValue } from "../kerasGraph.js";
import { flagOf, intsOf, numberOf, rules, type LayerCall, type LayerRules } from "../layerRule.js";

/** The values a layer merges: a list of them, or several arguments, of which numbers may be constants. */
export function operandsOf({ graph, args, kwargs, refuse }: Pick<LayerCall, "graph" | "args" | "kwargs" | "refuse">, keywords: readonly string[] = []): readonly KerasValue[] {
  const given = [...args, ...keywords.flatMap((key) => (kwargs[key] === undefined ? [] : [kwargs[key]]))];
  return given.flatMap((argument): readonly KerasValue[] => {
    if (isValue(argument)) return [argument];
    if (Array.isArray(argument) && argument.every(isValue)) return argument;
    return argument === null ? [] : [graph.constant(argument, refuse)];
  });
}

/** What operands are called when they are keywords, the first of them first. */
const operandKeys = ["x1", "x", "x2", "y", "bias"];

const elementwise = (op: string) => (call: LayerCall): KerasValue => {
  const left = Object.keys(call.kwargs).find((key) => !operandKeys.includes(key) && !["name", "data_format", "training"].includes(key) && call.kwargs[key] !== null);
  if (left !== undefined) return call.refuse(`it is called with ${left}`);
  const format = call.kwargs["data_format"];
  if (typeof format === "string" && format.startsWith("NC")) return call.refuse("it adds along the channels of a channels-first value");
  const operands = operandsOf(call, operandKeys);
  if (operands.length === 0) return call.refuse("it is called without values");
  return operands.slice(1).reduce((merged, operand) => call.graph.broadcast(op, [merged, operand]), operands[0]!);
};

function average(call: LayerCall): KerasValue {
  const { graph } = call;
  return graph.broadcast("Div", [elementwise("Add")(call), graph.scalar(Math.max(1, operandsOf(call).length))]);
}

/** Along any axis; where channels stand first, all of them are brought there. */
export function concatenated({ graph }: Pick<LayerCall, "graph">, operands: readonly KerasValue[], axis: number): KerasValue {
  const isFirst = operands.some(({ first }) => first);
  const inputs = operands.map((operand) => (isFirst ? graph.first(operand) : graph.last(operand)));
  const whole = { ...operands[0]!, first: isFirst };
  const { sizes: _, ...made } = { ...whole, value: graph.writer.add("Concat", inputs, { axis: graph.axisOf(whole, axis) }) };
  return made;
}

/** Products of vectors, image by image: `axes` of both are summed over. */
function dot(call: LayerCall): KerasValue {
  const { graph, config, refuse } = call;
  const { writer } = graph;
  const [a, b] = operandsOf(call);
  const axes = intsOf(config, "axes", config.values["axes"] ?? -1);
  if (a === undefined || b === undefined || a.rank !== b.rank || a.rank > 3) return refuse("it multiplies values of these ranks");
  const [axisA, axisB] = [axes[0]!, axes[1] ?? axes[0]!].map((axis, i) => (axis < 0 ? axis + [a, b][i]!.rank : axis)) as [number, number];
  const normal = (x: KerasValue, axis: number) => (flagOf(config, "normalize", false) ? writer.add("LpNormalization", [graph.last(x)], { axis, p: 2 }) : graph.last(x));
  const [left, right] = [normal(a, axisA), normal(b, axisB)];
  if (a.rank === 2) return graph.plain(writer.add("ReduceSum", [writer.add("Mul", [left, right]), writer.ints([1])], { keepdims: 1 }), 2);
  const turn = (value: string) => writer.add("Transpose", [value], { perm: [0, 2, 1] });
  return graph.plain(writer.add("MatMul", [axisA === 2 ? left : turn(left), axisB === 1 ? right : turn(right)]), 3);
}

export const mergingLayers: LayerRules = {
  Add: { write: elementwise("Add") },
  Subtract: { write: elementwise("Sub") },
  Multiply: { write: elementwise("Mul") },
  Maximum: { write: elementwise("Max") },
  Minimum: { write: elementwise("Min") },
  ...rules(["Divide", "TrueDivide"], { write: elementwise("Div") }),
  ...rules(["Power"], { write: elementwise("Pow") }),
  Average: { write: average },
  Concatenate: { write: (call) => concatenated(call, operandsOf(call), numberOf(call.config, "axis", -1)) },
  Dot: { write: dot },
  // Of keras.applications.inception_resnet_v2: a scaled residual.
  CustomScaleLayer: {
    write: (call) => {
      const [kept, added] = operandsOf(call);
      if (kept === undefined || added === undefined) return call.refuse("it takes two values");
      return call.graph.broadcast("Add", [kept, call.graph.broadcast("Mul", [added, call.graph.scalar(numberOf(call.config, "scale", 1))])]);
    },
  },
};
