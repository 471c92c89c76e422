/** @file How much memory is free for this process, and how much it has taken itself. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { freemem } from "node:os";
import { join } from "node:path";
import { availableMemory, memoryUsage } from "node:process";
import { orNothing } from "./quietly.js";

/** What is asked of a system; replaced in tests. */
export interface MemorySource {
  readonly platform: NodeJS.Platform;
  /** What Node says of the machine, and of what its container leaves; both in bytes. */
  free(): number;
  available(): number;
  /** A file of the system's, or what `vm_stat` prints; `undefined` where there is none. */
  read(path: string): string | undefined;
  vmStat(): string | undefined;
}

const thisSystem: MemorySource = {
  platform: process.platform, free: freemem, available: availableMemory,
  read: (path) => orNothing(() => readFileSync(path, "utf8")),
  vmStat: () => orNothing(() => execFileSync("/usr/bin/vm_stat", { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })),
};

/** Bytes that this process may still take before it, or the machine, runs out: what the machine, the container and `ulimit -v` leave, files that are only cached not counted. */
export function freeMemory(system = thisSystem): number {
  return (freeOn[system.platform] ?? system.available)(system);
}

/** The share of free memory that one batch may take. */
const batchShare = 0.25;

/** Bytes that one batch may take now. `kept` is what programs hold that are only kept: the batch runs in one of them, or they go. */
export const batchMemory = (kept = 0): number => batchShare * (freeMemory() + kept);

/** Bytes that this process holds of its own: on Linux without the files that are mapped, which the system takes back when it needs to. */
export function ownMemory(system: Pick<MemorySource, "platform" | "read"> = thisSystem): number {
  const own = system.platform === "linux" ? kilobytes(system.read("/proc/self/status"), "RssAnon") : undefined;
  return own ?? memoryUsage.rss();
}

const freeOn: Readonly<Partial<Record<NodeJS.Platform, (system: MemorySource) => number>>> = { linux: freeOnLinux, darwin: freeOnMac };

/** Node takes a container's limit for all there is, and its cached files for used. */
function freeOnLinux({ free, available, read }: MemorySource): number {
  const [, largest] = /^Max address space +(\d+)/m.exec(read("/proc/self/limits") ?? "") ?? [];
  const addresses = largest === undefined ? Infinity : Number(largest) - (kilobytes(read("/proc/self/status"), "VmSize") ?? 0);
  return Math.max(0, Math.min(free(), available() + cachedInGroup(read), addresses));
}

/** Files that the control group of this process has cached and does not use (Linux, Documentation/admin-guide/cgroup-v2.rst; v1: cgroup-v1/memory.rst). */
function cachedInGroup(read: MemorySource["read"]): number {
  const groups = read("/proc/self/cgroup") ?? "";
  const [, unified] = /^0::(\S*)/m.exec(groups) ?? [];
  const [, memory] = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\S*)/m.exec(groups) ?? [];
  // Inside of a container the group's own folder is the root.
  const statistics = [...foldersOf("/sys/fs/cgroup", unified), ...foldersOf("/sys/fs/cgroup/memory", memory)].map((folder) => read(join(folder, "memory.stat"))).find((text) => text !== undefined) ?? "";
  const [, bytes] = /^total_inactive_file (\d+)/m.exec(statistics) ?? /^inactive_file (\d+)/m.exec(statistics) ?? [];
  return Number(bytes ?? 0);
}

const foldersOf = (root: string, group: string | undefined): string[] => (group === undefined ? [] : [join(root, group), root]);

/** Node counts only pages that nothing was ever in; macOS keeps files in nearly all others, and gives them up. */
function freeOnMac({ available, vmStat }: MemorySource): number {
  const text = vmStat() ?? "";
  const [, size] = /page size of (\d+) bytes/.exec(text) ?? [];
  const pages = ["free", "inactive", "speculative"].map((kind) => Number(new RegExp(`^Pages ${kind}: +(\\d+)`, "m").exec(text)?.[1] ?? 0));
  return Math.max(available(), Number(size ?? 0) * pages.reduce((sum, count) => sum + count, 0));
}

/** The bytes of a line "VmSize:  123 kB". */
function kilobytes(text: string | undefined, name: string): number | undefined {
  const [, count] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text ?? "") ?? [];
  return count === undefined ? undefined : 1024 * Number(count);
}
