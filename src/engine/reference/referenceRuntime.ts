/** @file The interpreter as a runtime: always there, never fast. */
import { loadInitializers } from "../ir/weights.js";
import type { Runtime } from "../runtime.js";
import { run } from "./interpreter.js";
import { fromTensor } from "./ndArray.js";

export const referenceRuntime: Runtime = {
  name: "reference",
  detail: "plain TypeScript, float64",
  compile: (graph, readRange) => {
    const constants = new Map([...loadInitializers(graph, readRange)].map(([name, tensor]) => [name, fromTensor(tensor)]));
    return Promise.resolve({ run: (inputs) => Promise.resolve(run(graph, inputs, constants)), dispose: () => constants.clear() });
  },
};
