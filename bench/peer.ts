/** @file Runs PyTorch's side: scripts with their peak memory watched, and one long-lived process that answers line by line. */
import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Sample } from "./measure.js";
import { pythonOf, type PythonSetup, type Setup } from "./setup.js";

/** PyTorch in a process of its own, ready to run cases again and again. */
export interface Peer {
  /** Runs a case once. Rejects when the process has ended. */
  run(name: string): Promise<Sample>;
  /** Runs a case once, for its result. */
  result(name: string): Promise<Float32Array>;
}

const environment = (python: PythonSetup) => ({ ...process.env, ...python.env });

/** Starts one of the scripts that answer line by line, lets `work` ask it, and ends it. `work` gets `undefined` where there is no PyTorch. */
export async function withPeer<Result>(setup: Setup, script: string, values: readonly string[], work: (peer: Peer | undefined) => Promise<Result>): Promise<Result> {
  const python = pythonOf(setup);
  if (python === undefined) return work(undefined);
  const child = spawn(python.path, [join(setup.peers, script), ...values], { env: environment(python), stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Record<string, number>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the PyTorch process ended early; what it printed is above");
    return JSON.parse(value) as Record<string, number>;
  };
  const ask = async (run: string, write?: string) => {
    child.stdin.write(`${JSON.stringify({ run, write })}\n`);
    return { ms: (await answer())["ms"]! };
  };
  // Writing to a process that has ended is reported by the next answer.
  child.stdin.on("error", () => {});
  try {
    await answer();
    return await work({
      run: (name) => ask(name),
      result: async (name) => {
        const file = join(setup.work, "result.f32");
        await ask(name, file);
        return new Float32Array(new Uint8Array(readFileSync(file)).buffer);
      },
    });
  } finally {
    child.stdin.end();
  }
}

/** Runs a command from process start to process end, its peak memory watched by peers/peak.py where a Python is there to do it. Throws with what it printed when it fails. */
export async function watched(setup: Setup, command: readonly string[]): Promise<Sample> {
  const python = pythonOf(setup);
  if (python === undefined) {
    const start = performance.now();
    await execute(command, process.env);
    return { ms: performance.now() - start };
  }
  const { stdout, stderr } = await execute([python.path, join(setup.peers, "peak.py"), ...command], environment(python));
  const { code, ms, peak } = JSON.parse(stdout) as Record<"code" | "ms" | "peak", number>;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr}`);
  return { ms, peak };
}

function execute([file, ...values]: readonly string[], env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(file!, values, { env, maxBuffer: 1 << 26 });
}
