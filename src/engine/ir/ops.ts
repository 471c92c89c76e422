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
  "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Celu", "ThresholdedRelu", "Shrink", "Swish", "BitwiseNot",
] as const;

/** Element-wise questions about one input. */
export const predicateOps = ["IsNaN", "IsInf"] as const;

/** Element-wise operators of two inputs that broadcast; comparisons give booleans. */
export const arithmeticOps = ["Add", "Sub", "Mul", "Div", "Pow", "Mod", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitShift"] as const;
export const comparisonOps = ["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor"] as const;

/** Reductions: input and axes. */
export const reduceOps = ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"] as const;

/** Operator name to what it takes. `MaxPoolGrad` is this engine's own: `(x, y, dy) -> dx` with the attributes of the `MaxPool` that made y from x. */
export const ops = {
  ...named(unaryOps, spec(1)),
  ...named(arithmeticOps, spec(2)),
  ...named(comparisonOps, spec(2)),
  ...named(reduceOps, spec(1, 2)),
  ...named(predicateOps, spec(1)),
  ...named(["Min", "Max", "Sum", "Mean", "Concat"], spec(1, Infinity)),
  Einsum: spec(1, Infinity),
  CastLike: spec(2),
  QuantizeLinear: spec(2, 3),
  DequantizeLinear: spec(2, 3),
  DynamicQuantizeLinear: spec(1, 1, 3),
  MatMulInteger: spec(2, 4),
  ConvInteger: spec(2, 4),
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
  LpPool: spec(1),
  GlobalLpPool: spec(1),
  MaxUnpool: spec(2, 3),
  LayerNormalization: spec(2, 3, 3),
  RMSNormalization: spec(2),
  LpNormalization: spec(1),
  MeanVarianceNormalization: spec(1),
  Hardmax: spec(1),
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
  ...named(["GatherElements", "GatherND", "Compress", "ReverseSequence", "GridSample", "CenterCropPad", "AffineGrid"], spec(2)),
  Col2Im: spec(3),
  ScatterND: spec(3),
  Trilu: spec(1, 2),
  TopK: { inputs: [2, 2], outputs: [2, 2] },
  NonZero: spec(1),
  EyeLike: spec(1),
  Resize: spec(1, 4),
  LSTM: spec(3, 8, 3),
  GRU: spec(3, 6, 2),
  RNN: spec(3, 6, 2),
  Attention: spec(3, 7, 4),
  RotaryEmbedding: spec(3, 4),
  If: { inputs: [1, Infinity], outputs: [1, Infinity] },
  "com.microsoft::Attention": spec(2, 7, 2),
  "com.microsoft::MultiHeadAttention": spec(1, 10, 4),
  "com.microsoft::GroupQueryAttention": spec(1, 14, 4),
  "com.microsoft::RotaryEmbedding": spec(4),
  "com.microsoft::FusedMatMul": spec(2),
} as const satisfies Record<string, OpSpec>;

export type OpName = keyof typeof ops;

/** Whether this engine knows the operator. */
export function isOp(op: string): op is OpName {
  return Object.hasOwn(ops, op);
}
