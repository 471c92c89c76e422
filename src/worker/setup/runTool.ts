/** @file Runs outside programs: their lines as they come, their end with them, and their last words when they fail. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { throwIfCancelled, type CancelSignal } from "../../engine/cancellation.js";

export interface ToolOptions {
  readonly cwd?: string | undefined;
  readonly signal?: CancelSignal | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
  /** Hears the process id, which is that of its group too. */
  readonly onStart?: ((pid: number) => void) | undefined;
}

/** A program that could not be started or ended badly. */
export class ToolFailure extends Error {
  /** What it wrote, the end of it. */
  readonly output: string;
  constructor(reason: string, output: string, options?: { cause?: unknown }) {
    super(reason, options);
    this.name = "ToolFailure";
    this.output = output;
  }
}

const keptLength = 20_000;

/** What would lead npm, pip and Python elsewhere than they are told, or an editor's Node into its debugger. */
const misleading = new Set(["NODE_OPTIONS", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME", "npm_config_prefix", "npm_config_global"]);

/** What a program is started with. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !misleading.has(name));
  // Electron's program is Node only when it is told so.
  const asNode = "electron" in process.versions ? { ELECTRON_RUN_AS_NODE: "1" } : {};
  return { ...Object.fromEntries(kept), ...asNode, PIP_USER: "0", PIP_NO_INPUT: "1", PIP_DISABLE_PIP_VERSION_CHECK: "1" };
}

/**
 * Runs a program and returns what it wrote on standard output. Throws `ToolFailure` with one line of what went wrong, and `cancelled`.
 * Cancelled, or when this process ends, the program and everything that it started end too.
 */
export async function runTool(command: string, args: readonly string[], { cwd, signal, onLine, onStart }: ToolOptions = {}): Promise<string> {
  throwIfCancelled(signal);
  // A group of its own can be ended whole. Windows has none, and starts npm's script by its shell only.
  const isWindows = process.platform === "win32";
  const shell = isWindows && /\.(cmd|bat)$/i.test(command);
  const [program, words] = shell ? [`"${command}"`, args.map((word) => `"${word}"`)] : [command, args];
  const child = spawn(program, words, { cwd, env: toolEnvironment(), stdio: ["ignore", "pipe", "pipe"], detached: !isWindows, shell });
  if (child.pid !== undefined) onStart?.(child.pid);
  const end = () => endGroup(child.pid);
  process.once("exit", end);
  signal?.addEventListener("abort", end, { once: true });
  let [all, own] = ["", ""];
  const keep = (chunk: string) => {
    all = (all + chunk).slice(-keptLength);
    const line = lastLine(chunk);
    if (line !== "") onLine?.(line);
  };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    own = (own + chunk).slice(-keptLength);
    keep(chunk);
  });
  child.stderr.setEncoding("utf8").on("data", keep);
  try {
    const status = await new Promise<number | string>((resolve, reject) => {
      child.on("error", (error) => reject(new ToolFailure(error.message, all, { cause: error })));
      child.on("close", (code, by) => resolve(by ?? code ?? "no exit code"));
    });
    throwIfCancelled(signal);
    if (status !== 0) throw new ToolFailure(lastLine(all) || (typeof status === "number" ? `it ended with exit code ${status}` : `it was ended by ${status}`), all);
    return own;
  } finally {
    process.off("exit", end);
    signal?.removeEventListener("abort", end);
  }
}

/** Ends a process that `runTool` started and everything below it; one that is gone already is fine. */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** The first of `names` that is a program on PATH, as a full path. */
export function findOnPath(...names: readonly string[]): string | undefined {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ".bat"] : [""];
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const files = names.flatMap((name) => folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))));
  return files.find((file) => isProgram(file));
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The last line with something on it; progress bars rewrite theirs. */
export function lastLine(text: string): string {
  return text.split(/[\r\n]+/).findLast((line) => line.trim() !== "")?.trim() ?? "";
}
