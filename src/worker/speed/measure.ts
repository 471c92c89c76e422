/** @file Measures the runtimes of this machine, each in a process of its own, and writes down what was found. */
import { execFile, type ExecFileException } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { throwIfCancelled, type CancelSignal } from "../../engine/cancellation.js";
import { WhylightError } from "../../engine/errors.js";
import type { RuntimeName } from "../../engine/runtime.js";
import { runtimesHere } from "../../runtimes/choose.js";
import { orNothing } from "../quietly.js";
import { toolEnvironment } from "../setup/runTool.js";
import type { ProbeAnswer } from "./probeProcess.js";
import type { SpeedBook } from "./speedBook.js";

/** A second is usual, and a library that is read from a slow disk takes a few more. */
const limitMs = 30_000;

export interface MeasureOptions {
  /** Those measured; all when left out. The interpreter never is: it is always last. */
  readonly names?: readonly RuntimeName[] | undefined;
  /** Also those whose version and card are known already. */
  readonly anew?: boolean | undefined;
  readonly signal?: CancelSignal | undefined;
  readonly onRuntime?: ((name: RuntimeName, index: number, count: number) => void) | undefined;
}

/** Asks a runtime's process. Throws `ProbeFailure` when it ends without an answer, and `cancelled`. */
export type AskProbe = (name: RuntimeName, known: string | undefined, signal: CancelSignal | undefined) => Promise<ProbeAnswer>;

/** A process that crashed, hung or did not answer; its message says which. */
export class ProbeFailure extends Error {}

/** The probe's program, beside the bundle that this is part of; `undefined` where the code runs unbundled, where nothing is measured. */
export function builtProbe(): string | undefined {
  const path = typeof __filename === "string" ? join(dirname(__filename), "probe.js") : undefined;
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** Runs a probe's program, no longer than `limit` milliseconds. */
export function probeBy(script: string, limit = limitMs): AskProbe {
  return (name, known, signal) => new Promise((resolve, reject) => {
    throwIfCancelled(signal);
    const child = execFile(process.execPath, [script, name, ...(known === undefined ? [] : [known])], { timeout: limit, killSignal: "SIGKILL", env: toolEnvironment() }, (error, output) => {
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) return reject(new WhylightError("cancelled"));
      const answer = error ? undefined : orNothing(() => JSON.parse(output.trim().split("\n").at(-1)!) as ProbeAnswer);
      return answer ? resolve(answer) : reject(new ProbeFailure(endOf(error, limit)));
    });
    // Its input ends with this process, and the child with its input.
    child.stdin?.on("error", () => {});
    const end = () => void child.kill("SIGKILL");
    signal?.addEventListener("abort", end, { once: true });
  });
}

function endOf(error: ExecFileException | null, limit: number): string {
  if (!error) return "it gave no answer";
  if (error.killed) return `it took longer than ${limit / 1000} s`;
  return error.signal ? `it was ended by ${error.signal}` : `it ended with exit code ${error.code ?? ""}`;
}

/** Measures one runtime after the other: two at once would slow each other. Throws `cancelled`; what is measured by then is kept. */
export async function measureRuntimes(book: SpeedBook, ask: AskProbe, { names = runtimesHere, anew = false, signal, onRuntime }: MeasureOptions = {}): Promise<void> {
  const wanted = names.filter((name) => name !== "reference");
  for (const [index, name] of wanted.entries()) {
    throwIfCancelled(signal);
    onRuntime?.(name, index, wanted.length);
    const before = book.measured(name);
    try {
      const found = await ask(name, anew ? undefined : before?.detail, signal);
      if ("unchanged" in found) continue;
      if (!("absent" in found)) book.record(name, { rates: {}, unfit: "", ...found });
      else if (before) book.record(name, undefined);
    } catch (thrown) {
      if (!(thrown instanceof ProbeFailure)) throw thrown;
      // It did not come to tell its version, so that each measuring tries again.
      book.record(name, { detail: "", rates: {}, unfit: `it did not finish the probe: ${thrown.message}` });
    }
  }
}
