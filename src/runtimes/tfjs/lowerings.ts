/** @file Every operator this runtime can run, by ONNX name. */
import { elementwiseLowerings } from "./elementwise.js";
import { convolutionLowerings } from "./convolution.js";
import { indexLowerings } from "./indexing.js";
import type { Lowering } from "./lowering.js";
import { moveLowerings } from "./move.js";
import { normalizeLowerings } from "./normalize.js";
import { poolLowerings } from "./pool.js";
import { productLowerings } from "./products.js";
import { reduceLowerings } from "./reduce.js";

/** Operator to lowering. */
export const lowerings: Readonly<Record<string, Lowering>> = {
  ...elementwiseLowerings, ...convolutionLowerings, ...indexLowerings, ...moveLowerings, ...normalizeLowerings, ...poolLowerings, ...productLowerings, ...reduceLowerings,
};

/** Operators, or forms of them, that no good kernel of a backend covers, computed in TypeScript: on WASM in the heap itself, else on tensors read back. */
export const computedInTypeScript: Readonly<Record<"wasm" | "tensorflow", readonly string[]>> = {
  wasm: ["MaxPoolGrad", "Slice", "Concat", "Max and Min and comparisons of equal shapes", "ScatterElements"],
  tensorflow: ["MaxPoolGrad with dilations", "ScatterElements"],
};
