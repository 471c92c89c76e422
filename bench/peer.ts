/** @file Runs PyTorch's side: scripts with their peak memory watched, and one long-lived process that answers line by line. */
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Sample } from "./measure.js";
import type { PythonSetup, Setup } from "./setup.js";

/** PyTorch in a process of its own, ready to run cases again and again. */
export interface Peer {
  /** Runs a case once; with `write`, its result goes to that file as raw float32. Rejects when the process has ended. */
  run(name: string, write?: string): Promise<Sample>;
  stop(): void;
}

const environment = (python: PythonSetup) => ({ ...process.env, ...python.env });

/** Starts one of bench/peers' scripts that answer line by line; ready when its models are loaded. */
export async function startPeer(python: PythonSetup, script: string, values: readonly string[]): Promise<Peer> {
  const child = spawn(python.path, [script, ...values], { env: environment(python), stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Record<string, number>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the PyTorch process ended early; what it printed is above");
    return JSON.parse(value) as Record<string, number>;
  };
  // Writing to a process that has ended is reported by the next answer.
  child.stdin.on("error", () => {});
  await answer();
  return {
    run: async (name, write) => {
      child.stdin.write(`${JSON.stringify({ run: name, write })}\n`);
      return { ms: (await answer())["ms"]! };
    },
    stop: () => child.stdin.end(),
  };
}

/** Runs a command through bench/peers/peak.py, from process start to process end. Throws with what it printed when it fails. */
export async function watched(setup: Setup, python: PythonSetup, command: readonly string[]): Promise<Sample> {
  const { stdout, stderr } = await execute([python.path, join(setup.peers, "peak.py"), ...command], environment(python));
  const { code, ms, peak } = JSON.parse(stdout) as Record<"code" | "ms" | "peak", number>;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr}`);
  return { ms, peak };
}

/** Runs a command where no Python is there to watch its memory. */
export async function unwatched(command: readonly string[]): Promise<Sample> {
  const start = performance.now();
  await execute(command, process.env);
  return { ms: performance.now() - start };
}

function execute([file, ...values]: readonly string[], env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(file!, values, { env });
}
