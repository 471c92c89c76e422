/** @file Compiles and runs programs so that whatever a runtime throws becomes a failure of that runtime, which another one may replace; and measures what they take of this process's memory. */
import { WhylightError } from "../engine/errors.js";
import type { Graph } from "../engine/ir/graph.js";
import type { CompileOptions, Program, ReadRange, Runtime } from "../engine/runtime.js";
import { tellsOfMemory } from "../runtimes/failureTexts.js";
import { ownMemory } from "./memory.js";

export interface MeasuredProgram extends Program {
  /** Bytes by which this process grew while the program was compiled, and while it ran, which a runtime keeps for its next run. Of other work at the same time they hold a part too. */
  taken(): { readonly compiled: number; readonly run: number };
}

/** A runtime takes what it needs in its first run; some arrange it anew in the second. */
const measuredRuns = 2;

/** Compiles; foreign errors of compiling and running become `runtimeFailed` or `outOfMemory`. */
export async function guardProgram(runtime: Runtime, graph: Graph, readRange: ReadRange, options?: CompileOptions, memory: () => number = ownMemory): Promise<MeasuredProgram> {
  /** What `action` returns, and by how much memory grew. */
  const measured = async <Result>(action: () => Promise<Result>): Promise<readonly [Result, number]> => {
    const before = memory();
    const result = await guard(runtime, action);
    return [result, Math.max(0, memory() - before)];
  };
  const [program, compiled] = await measured(() => runtime.compile(graph, readRange, options));
  let [run, runs] = [0, 0];
  return {
    run: async (inputs) => {
      if (runs >= measuredRuns) return guard(runtime, () => program.run(inputs));
      const [outputs, grown] = await measured(() => program.run(inputs));
      runs++;
      run += grown;
      return outputs;
    },
    dispose: () => program.dispose(),
    taken: () => ({ compiled, run }),
  };
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
