/** @file Compiles and runs programs so that whatever a runtime throws becomes a failure of that runtime, which another one may replace. */
import { WhylightError } from "../engine/errors.js";
import type { Graph } from "../engine/ir/graph.js";
import type { CompileOptions, Program, ReadRange, Runtime } from "../engine/runtime.js";
import { tellsOfMemory } from "../runtimes/failureTexts.js";

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
    if (tellsOfMemory(reason)) throw new WhylightError("outOfMemory", { reason }, { cause: thrown });
    throw new WhylightError("runtimeFailed", { runtime: runtime.name, reason }, { cause: thrown });
  }
}
