/** @file The folder of a set-up: what was done in it, who is at work in it, and how it is cleared away. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import { orUnwritable, replaceFile } from "../writing.js";
import { endGroup } from "./runTool.js";

const marksName = "whylight-setup.json";
const workName = "whylight-work.json";

/** Steps that were done, each with what it was done with: another package or Python makes it undone. */
export type Marks = Readonly<Record<string, string>>;

export function readMarks(folder: string): Marks {
  return readJson<Marks>(join(folder, marksName)) ?? {};
}

export function mark(folder: string, step: string, doneWith: string | undefined): void {
  const { [step]: _, ...others } = readMarks(folder);
  replace(join(folder, marksName), doneWith === undefined ? others : { ...others, [step]: doneWith });
}

/** Whether a folder is one that a set-up made. Nothing else is ever removed. */
const isSetupFolder = (folder: string): boolean => existsSync(join(folder, marksName)) || existsSync(join(folder, workName));

/** Work in a folder, held by one process at a time. */
export interface Work {
  /** Writes down which program runs, so that whoever goes on can end what a killed process left running. */
  running(pid: number): void;
  end(): void;
}

interface WorkFile {
  readonly pid: number;
  readonly tool?: number;
}

/** Whoever works touches its file this often, and is taken for dead after the other time: process ids are given out again. */
const beatMs = 2_000;
const silenceMs = 30_000;

/** Throws `outputUnwritable` for a folder with other things in it: removing a set-up removes its folder. */
export function checkOwn(folder: string): void {
  const entries = existsSync(folder) ? orUnwritable(folder, () => readdirSync(folder)) : [];
  if (entries.length > 0 && !isSetupFolder(folder)) throw new WhylightError("outputUnwritable", { path: folder, reason: "it holds other things, and a set-up needs a folder of its own" });
}

/** Takes a folder, made where it is missing. Throws `setupFailed` while another process works in it, `outputUnwritable`. */
export function beginWork(folder: string): Work {
  const path = join(folder, workName);
  orUnwritable(folder, () => mkdirSync(folder, { recursive: true }));
  checkOwn(folder);
  endAbandoned(folder);
  // "wx" fails when another process was faster.
  orUnwritable(path, () => writeFileSync(path, JSON.stringify({ pid: process.pid } satisfies WorkFile), { flag: "wx" }));
  const beat = setInterval(() => touch(path), beatMs).unref();
  return {
    running: (tool) => replace(path, { pid: process.pid, tool } satisfies WorkFile),
    end: () => {
      clearInterval(beat);
      rmSync(path, { force: true });
    },
  };
}

/** Ends what a killed process left running. Throws `setupFailed` while somebody works there. */
function endAbandoned(folder: string): void {
  const path = join(folder, workName);
  const work = readJson<WorkFile>(path);
  if (work && isAlive(work.pid) && Date.now() - statSync(path).mtimeMs < silenceMs) throw new WhylightError("setupFailed", { command: folder, reason: `process ${work.pid} is at work there` });
  // Only a program that still names this folder is the one that was started for it.
  if (work?.tool !== undefined && commandOf(work.tool)?.includes(folder) === true) endGroup(work.tool);
  rmSync(path, { force: true });
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Somebody cleared the folder away; the step at work will say so.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM"; // Somebody else's process, alive all the same.
  }
}

/** The command line of a process that runs, where the system tells. */
function commandOf(pid: number): string | undefined {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return process.platform === "win32" ? undefined : execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
}

/** Removes a set-up, whole or half made. Returns the bytes that it freed. Throws `outputUnwritable`, `setupFailed`. */
export function clearFolder(folder: string): number {
  if (!existsSync(folder)) return 0;
  if (!isSetupFolder(folder)) throw new WhylightError("outputUnwritable", { path: folder, reason: "no set-up of TensorFlow lies there" });
  endAbandoned(folder);
  const bytes = bytesBelow(folder);
  orUnwritable(folder, () => rmSync(folder, { recursive: true, force: true }));
  return bytes;
}

/** The size of all files below a folder; links are not followed. */
export function bytesBelow(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += bytesBelow(path);
    else if (entry.isFile()) sum += statSync(path).size;
  }
  return sum;
}

function replace(path: string, value: object): void {
  orUnwritable(path, () => replaceFile(path, `${JSON.stringify(value)}\n`));
}

function readJson<Value>(path: string): Value | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Value;
  } catch {
    return undefined;
  }
}
