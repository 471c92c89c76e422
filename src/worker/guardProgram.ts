/** @file Compiles and runs programs so that whatever a runtime throws becomes a failure of that runtime, which another one may replace. */
import { WhylightError } from "../engine/errors.js";
import type { Graph } from "../engine/ir/graph.js";
import type { CompileOptions, Program, ReadRange, Runtime } from "../engine/runtime.js";

/** Compiles; foreign errors of compiling and running become `runtimeFailed` or `outOfMemory`. */
export async function guardProgram(runtime: Runtime, graph: Graph, readRange: ReadRange, options?: CompileOptions): Promise<Program> {
  const program = await guard(runtime, () => runtime.compile(graph, readRange, options));
  return { run: (inputs) => guard(runtime, () => program.run(inputs)), dispose: () => program.dispose() };
}

async function guard<Result>(runtime: Runtime, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (thrown) {
    if (thrown instanceof WhylightError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    // V8's words for an array that does not fit.
    if (/allocation failed|invalid typed array length/i.test(reason)) throw new WhylightError("outOfMemory", { reason }, { cause: thrown });
    throw new WhylightError("runtimeFailed", { runtime: runtime.name, reason }, { cause: thrown });
  }
}
