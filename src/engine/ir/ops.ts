/** @file The operator table: every operator a graph may hold, with how many inputs and outputs it takes. */

/** How many inputs and outputs an operator takes; `Infinity` where ONNX says variadic. */
export interface OpSpec {
  readonly inputs: readonly [min: number, max: number];
  readonly outputs: readonly [min: number, max: number];
}

const spec = (min: number, max: number = min, outputs: number = 1): OpSpec => ({ inputs: [min, max], outputs: [1, outputs] });

const named = <Name extends string>(names: readonly Name[], value: OpSpec) => Object.fromEntries(names.map((name) => [name, value])) as Record<Name, OpSpec>;

/** Element-wise operators of one input, whose output has the input's type. */
export const unaryOps = [
  "Abs", "Neg", "Exp", "Log", "Sqrt", "Reciprocal", "Erf", "Tanh", "Sigmoid", "Relu", "LeakyRelu", "Elu", "Selu", "HardSigmoid", "HardSwish", "Gelu", "Mish", "Softplus", "Softsign",
  "Sign", "Floor", "Ceil", "Round", "Sin", "Cos", "Identity", "Not",
] as const;

/** Element-wise operators of two inputs that broadcast; comparisons give booleans. */
export const arithmeticOps = ["Add", "Sub", "Mul", "Div", "Pow", "Mod"] as const;
export const comparisonOps = ["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor"] as const;

/** Reductions: input and axes. */
export const reduceOps = ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"] as const;

/** Operator name to what it takes. `MaxPoolGrad` is this engine's own: `(x, y, dy) -> dx` with the attributes of the `MaxPool` that made y from x. */
export const ops = {
  ...named(unaryOps, spec(1)),
  ...named(arithmeticOps, spec(2)),
  ...named(comparisonOps, spec(2)),
  ...named(reduceOps, spec(1, 2)),
  ...named(["Min", "Max", "Sum", "Mean", "Concat"], spec(1, Infinity)),
  Clip: spec(1, 3),
  PRelu: spec(2),
  Cast: spec(1),
  Where: spec(3),
  MatMul: spec(2),
  Gemm: spec(2, 3),
  Conv: spec(2, 3),
  ConvTranspose: spec(2, 3),
  MaxPool: spec(1, 1, 2),
  AveragePool: spec(1),
  GlobalAveragePool: spec(1),
  GlobalMaxPool: spec(1),
  MaxPoolGrad: spec(3),
  BatchNormalization: spec(5),
  InstanceNormalization: spec(3),
  LayerNormalization: spec(2, 3),
  GroupNormalization: spec(3),
  LRN: spec(1),
  Softmax: spec(1),
  LogSoftmax: spec(1),
  ArgMax: spec(1),
  ArgMin: spec(1),
  Reshape: spec(2),
  Flatten: spec(1),
  Transpose: spec(1),
  Squeeze: spec(1, 2),
  Unsqueeze: spec(2),
  Split: { inputs: [1, 2], outputs: [1, Infinity] },
  Slice: spec(3, 5),
  Gather: spec(2),
  Expand: spec(2),
  Pad: spec(2, 4),
  Tile: spec(2),
  Shape: spec(1),
  Size: spec(1),
  ConstantOfShape: spec(1),
  Range: spec(3),
  OneHot: spec(3),
  CumSum: spec(2),
  ScatterElements: spec(3),
  DepthToSpace: spec(1),
  SpaceToDepth: spec(1),
} as const satisfies Record<string, OpSpec>;

export type OpName = keyof typeof ops;

/** Whether this engine knows the operator. */
export function isOp(op: string): op is OpName {
  return Object.hasOwn(ops, op);
}
