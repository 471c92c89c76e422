/** @file The interpreter as a runtime: always there, never fast. */
import { isFloat } from "../ir/tensor.js";
import { loadStored } from "../ir/weights.js";
import type { Runtime } from "../runtime.js";
import { run } from "./interpreter.js";
import { fromTensor, ndArray } from "./ndArray.js";

export const referenceRuntime: Runtime = {
  name: "reference",
  detail: "plain TypeScript, float64",
  compile: (graph, readRange) => {
    const constants = new Map([...graph.initializers].map(([name, initializer]) => {
      const { dtype, shape, data } = fromTensor(loadStored(initializer, readRange));
      // Doubles keep their precision here; the graph calls every float a float32.
      return [name, ndArray(isFloat(dtype) ? "float32" : dtype, shape, data)];
    }));
    return Promise.resolve({ run: (inputs) => Promise.resolve(run(graph, inputs, constants)), dispose: () => constants.clear() });
  },
};
