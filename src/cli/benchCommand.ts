/** @file `whylight bench`: starts the bench, a program of its own beside this one, so that nothing of the command line counts as its memory. */
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { interrupted } from "./stoppable.js";
import type { Terminal } from "./terminal.js";

/** Options by their names; each is handed on as it is. */
export interface BenchFlags {
  readonly only?: string;
  readonly runs?: number;
  readonly quick?: boolean;
  readonly out?: string;
  readonly python?: string;
  readonly pictures?: string;
  readonly list?: boolean;
  readonly removeModels?: boolean;
}

/** The flags as arguments. */
export function benchArguments(flags: BenchFlags): string[] {
  const named = Object.entries(flags).map(([name, value]) => [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value] as const);
  return named.flatMap(([name, value]) => (value === true ? [name] : value === undefined || value === false ? [] : [name, String(value)]));
}

/** Runs the bench with this terminal's streams. Returns its exit code: 0, 1 when it failed, 130 when it was stopped. */
export function runBench(flags: BenchFlags, { err, translate }: Terminal, script = beside(process.argv[1])): Promise<number> {
  if (!existsSync(script)) {
    err(translate("The bench is missing: {path} is not there. Build Whylight anew, or install it again.", { path: script }));
    return Promise.resolve(1);
  }
  return new Promise((resolve, reject) => {
    spawn(process.execPath, [script, ...benchArguments(flags)], { stdio: "inherit" }).on("error", reject).on("close", (code) => resolve(code ?? interrupted));
  });
}

/** The built bench lies beside the built command line. */
function beside(program: string | undefined): string {
  return join(program === undefined ? "." : dirname(existsSync(program) ? realpathSync(program) : program), "bench.js");
}
