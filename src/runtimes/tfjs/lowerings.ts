/** @file Every operator this runtime can run, by ONNX name. */
import { elementwiseLowerings } from "./elementwise.js";
import { convolutionLowerings } from "./convolution.js";
import { indexLowerings } from "./indexing.js";
import type { Lowering } from "./lowering.js";
import { moveLowerings } from "./move.js";
import { normalizeLowerings } from "./normalize.js";
import { placeLowerings } from "./places.js";
import { poolLowerings } from "./pool.js";
import { productLowerings } from "./products.js";
import { reduceLowerings } from "./reduce.js";

/**
 * Operator to lowering. Most are kernels of the backend; computed in TypeScript are, on WASM and on its heap, `MaxPoolGrad`, `Slice`, `Concat`
 * and element-wise `Max`, `Min` and comparisons of equal shapes (wasmKernels.ts), and natively, on tensors read back, a dilated `MaxPoolGrad`.
 * Whatever is not here runs in the interpreter.
 */
export const lowerings: Readonly<Record<string, Lowering>> = {
  ...elementwiseLowerings, ...convolutionLowerings, ...indexLowerings, ...moveLowerings, ...normalizeLowerings, ...placeLowerings, ...poolLowerings, ...productLowerings, ...reduceLowerings,
};
