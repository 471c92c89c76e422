/** @file The table of gradient rules: ordinary reverse-mode differentiation with PyTorch's choices at kinks and ties. */
import type { GradientRules } from "./rule.js";
import { convolutionRules } from "./rules/convolution.js";
import { einsumRules } from "./rules/einsum.js";
import { elementwiseRules } from "./rules/elementwise.js";
import { indexingRules } from "./rules/indexing.js";
import { linearRules } from "./rules/linear.js";
import { moveRules } from "./rules/move.js";
import { normalizeRules } from "./rules/normalize.js";
import { quantizeRules } from "./rules/quantize.js";
import { reduceRules } from "./rules/reduce.js";
import { sampleRules } from "./rules/sample.js";

/** Operators that pass no gradient: what they return does not vary, or varies only in steps. */
const none = ["Sign", "Floor", "Ceil", "Round", "Not", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor", "Shape", "Size", "ConstantOfShape", "Range", "OneHot", "ArgMax", "ArgMin", "NonZero", "EyeLike", "IsNaN", "IsInf", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot", "BitShift", "Hardmax"] as const;

export const gradientRules: GradientRules = {
  ...elementwiseRules,
  ...linearRules,
  ...convolutionRules,
  ...normalizeRules,
  ...reduceRules,
  ...moveRules,
  ...indexingRules,
  ...sampleRules,
  ...einsumRules,
  ...quantizeRules,
  ...Object.fromEntries(none.map((op) => [op, "none" as const])),
};

/** Operators that run but have no rule yet, each with the reason; a test holds this list against the operator table. */
export const withoutGradient: Readonly<Record<string, string>> = {
  MaxPoolGrad: "a second derivative; nothing asks for it",
};
