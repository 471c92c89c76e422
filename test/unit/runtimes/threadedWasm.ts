/** @file A process of its own for tests: runs a small network on TensorFlow.js WASM and prints what came of it. `{ threads, wasmFolder?, harm? }` is its argument. */
import { createRequire } from "node:module";
import type * as threading from "node:worker_threads";
import { toWhylightError } from "../../../src/engine/errors.js";
import { tfjsRuntime } from "../../../src/runtimes/tfjs/tfjsRuntime.js";
import { caseOf, draw, window } from "./operatorCase.js";

/** What is done to a thread: its kernels fail when it takes its first part of a job, or it stops between two runs. */
export type Harm = "fails" | "stops";

export interface Told {
  readonly detail: string;
  /** Per run the output, or the code of the error. */
  readonly runs: readonly (readonly number[] | string)[];
}

/** Every later call of a function by its table ends the thread with an error of WebAssembly's own. */
const failing = `
const Instance = WebAssembly.Instance;
let table;
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  table = instance.exports.__indirect_function_table;
  return instance;
};
require("worker_threads").parentPort.on("message", ({ cmd, start_routine }) => {
  for (let i = 0; cmd === "run" && i < table.length; i++) if (i !== start_routine) table.set(i, null);
});
`;

const started: threading.Worker[] = [];

/** Bundled, the product takes `Worker` from this very object. */
function watchThreads(harm: Harm | undefined): void {
  const module = createRequire(__filename)("node:worker_threads") as { Worker: typeof threading.Worker };
  module.Worker = class extends module.Worker {
    constructor(program: string, options: threading.WorkerOptions) {
      super(harm === "fails" ? failing + program : program, options);
      started.push(this);
    }
  } as typeof threading.Worker;
}

const network = caseOf("network", [draw([2, 16, 20, 20], 1)], (graph, x) => {
  const weight = graph.constant(draw([16, 16, 3, 3], 2));
  const y = graph.add("Relu", [graph.add("Conv", [x!, weight], window([3, 3], { pads: [1, 1, 1, 1] }))]);
  const back = graph.add("ConvTranspose", [graph.add("Mul", [y, graph.add("Sign", [y])]), weight], window([3, 3], { strides: [2, 2] }));
  return [graph.add("MatMul", [graph.add("ReduceMean", [back, graph.ints([2])], { keepdims: 0 }), graph.constant(draw([41, 30], 3))])];
});

async function main({ threads, wasmFolder, harm }: { threads: number; wasmFolder?: string; harm?: Harm }): Promise<void> {
  watchThreads(harm);
  const runtime = await tfjsRuntime("tfjs-wasm", { threads, ...(wasmFolder !== undefined && { wasmFolder }) });
  const program = await runtime.compile(network.graph, () => { throw new Error("no file here"); });
  const runs: (number[] | string)[] = [];
  for (let i = 0; i < 3; i++) {
    runs.push(await program.run(network.inputs).then((outputs) => Array.from(outputs[network.graph.outputs[0]!]!.data, Number), (error: unknown) => toWhylightError(error).code));
    if (harm === "stops") await started[0]!.terminate();
  }
  program.dispose();
  console.log(JSON.stringify({ detail: runtime.detail, runs } satisfies Told));
}

void main(JSON.parse(process.argv[2]!) as Parameters<typeof main>[0]);
