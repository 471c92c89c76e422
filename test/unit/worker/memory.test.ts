/** @file What is read of a system's memory: the least of what machine, container and `ulimit` leave. */
import { describe, expect, it } from "vitest";
import { freeMemory, ownMemory, type MemorySource } from "../../../src/worker/memory.js";

/** A Linux with 8 GB free, and such files. */
const linux = (files: Readonly<Record<string, string>> = {}, over: Partial<MemorySource> = {}): MemorySource => ({ platform: "linux", free: () => 8e9, available: () => 8e9, read: (path) => files[path], vmStat: () => undefined, ...over });

describe("free memory", () => {
  it("is what the machine says where nothing else limits it", () => expect(freeMemory(linux({ "/proc/self/limits": "Max address space         unlimited            unlimited            bytes\n" }))).toBe(8e9));

  it("is what ulimit -v leaves of addresses", () => {
    const files = { "/proc/self/limits": "Max cpu time              unlimited            unlimited            seconds\nMax address space         3000000000           3000000000           bytes\n", "/proc/self/status": "Name:\tnode\nVmPeak:\t 1500000 kB\nVmSize:\t 1000000 kB\n" };
    expect(freeMemory(linux(files))).toBe(3e9 - 1024e6);
  });

  it("is nothing where more is taken than allowed", () => {
    const files = { "/proc/self/limits": "Max address space         1000               1000               bytes\n", "/proc/self/status": "VmSize:\t 1000000 kB\n" };
    expect(freeMemory(linux(files))).toBe(0);
  });

  it.each([
    ["version 2, a group of its own", { "/proc/self/cgroup": "0::/user.slice/job\n", "/sys/fs/cgroup/user.slice/job/memory.stat": "anon 5\ninactive_file 700000000\nactive_file 1\n" }],
    ["version 2, inside of a container", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.stat": "inactive_file 700000000\n" }],
    ["version 1", { "/proc/self/cgroup": "12:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n0::/\n", "/sys/fs/cgroup/memory/memory.stat": "inactive_file 3\ntotal_inactive_file 700000000\n" }],
  ])("counts files that a container has cached as free: %s", (_, files) => expect(freeMemory(linux(files, { available: () => 2e9 }))).toBe(2.7e9));

  it("is never more than the machine has, whatever the container may take", () => expect(freeMemory(linux({}, { available: () => 30e9 }))).toBe(8e9));

  it("counts pages of files on macOS", () => {
    const vmStat = "Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free:                                3000.\nPages active:                            200000.\nPages inactive:                          100000.\nPages speculative:                         1000.\nPages wired down:                         90000.\n";
    const mac: MemorySource = { platform: "darwin", free: () => 5e7, available: () => 5e7, read: () => undefined, vmStat: () => vmStat };
    expect(freeMemory(mac)).toBe(16384 * 104_000);
    expect(freeMemory({ ...mac, vmStat: () => undefined })).toBe(5e7);
  });

  it("of this machine is some", () => expect(freeMemory()).toBeGreaterThan(0));
});

describe("a process's own memory", () => {
  it("leaves out mapped files where the system tells them apart", () => expect(ownMemory(linux({ "/proc/self/status": "VmRSS:\t 900 kB\nRssAnon:\t 300 kB\nRssFile:\t 600 kB\n" }))).toBe(300 * 1024));

  it("grows with what is allocated", () => {
    const before = ownMemory();
    const taken = new Uint8Array(64e6).fill(1);
    expect(ownMemory() - before).toBeGreaterThan(0.9 * taken.length);
  });
});
