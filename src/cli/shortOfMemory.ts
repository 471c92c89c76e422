/** @file Where memory is short, a command runs in a process of its own: native code that gets none ends its process without a word, and whoever started it tells. */
import { spawn } from "node:child_process";
import { WhylightError } from "../engine/errors.js";
import { freeMemory } from "../worker/memory.js";
import { describeFailure, exitCodeOf, type Terminal } from "./terminal.js";

/** With more than this many bytes free, the time that another process takes to start is not worth it. */
const enough = 2e9;
/** Set for the process that computes. */
const mark = "WHYLIGHT_WATCHED";

/** Whether this command is to run in a process of its own. One that does ends with the one that started it. */
export function isShortOfMemory(): boolean {
  if (process.env[mark] === undefined) return freeMemory() < enough;
  process.once("disconnect", () => process.exit(1));
  process.channel?.unref();
  return false;
}

/** How native code ends that throws what nobody catches, and how systems end those that take too much: by a signal, or on Windows by a status (abort, access violation, no memory). */
const deaths: readonly (NodeJS.Signals | number)[] = ["SIGABRT", "SIGKILL", "SIGSEGV", "SIGBUS", "SIGTRAP", "SIGILL", 134, 0xc0000409, 0xc0000005, 0xc0000017];

/** Runs Node again with these arguments, on the same streams. Returns its exit code; where the system ended it, says so and returns 1. */
export async function runWatched({ err, translate }: Terminal, args: readonly string[] = [...process.execArgv, ...process.argv.slice(1)]): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: ["inherit", "inherit", "inherit", "ipc"], env: { ...process.env, [mark]: "1" } });
  // Ctrl-C reaches both: the one that computes decides what it keeps.
  const wait = () => {};
  const end = () => child.kill("SIGTERM");
  process.on("SIGINT", wait).on("SIGTERM", end);
  try {
    const [code, signal] = await new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve, reject) => child.once("error", reject).once("exit", (...how) => resolve(how)));
    if (!deaths.includes(signal ?? code ?? 0)) return code ?? 1;
    const failure = describeFailure(new WhylightError("outOfMemory", { reason: String(signal ?? code) }), translate);
    err(`${failure.text} ${failure.next}`);
    return exitCodeOf([failure]);
  } finally {
    process.off("SIGINT", wait).off("SIGTERM", end);
  }
}
