/** @file What the bench says of its numbers, its options, and its profile; nothing is timed. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { groups } from "../../../bench/groups.js";
import { machineLines } from "../../../bench/machine.js";
import { checkEqual, statsOf } from "../../../bench/measure.js";
import { readOptions } from "../../../bench/options.js";
import { sharesOf } from "../../../bench/profile.js";
import { asMarkdown, asText, judge, verdictLine, type Row } from "../../../bench/table.js";
import { benchArguments, runBench } from "../../../src/cli/benchCommand.js";
import { english } from "../../../src/cli/localize.js";

const row = (ours: number, theirs: number | undefined, target?: number): Row => ({ name: "gradient", unit: "ms", ours: statsOf([ours]), peer: "PyTorch", theirs: theirs === undefined ? undefined : statsOf([theirs]), target });

describe("verdicts", () => {
  it.each([[row(70, 100, 0.7), "ok"], [row(71, 100, 0.7), "over"], [row(71, 100), ""], [row(71, undefined, 0.7), ""]] as const)("case %#", (given, verdict) => expect(judge(given).verdict).toBe(verdict));

  it("are counted, and those over named", () => {
    expect(verdictLine([row(70, 100, 0.7), row(80, 100, 0.7), row(1, undefined, 0.7)].map(judge))).toBe("1 of 2 targets met; over: gradient against PyTorch (0.80 > 0.7)");
  });
});

it("takes the middle and the ends", () => expect(statsOf([5, 1, 3, 4])).toEqual({ median: 3.5, min: 1, max: 5 }));

it("refuses to time sides that differ, and what is no number", () => {
  expect(() => checkEqual("a", [1, 2], [1, 2.1], 0.01)).toThrow("differ by");
  expect(() => checkEqual("a", [NaN], [1], 0.01)).toThrow("differ by");
  expect(() => checkEqual("a", [1], [1, 2], 0.01)).toThrow("differ by");
});

it("writes rows, tables and notes", () => {
  const tables = [{ title: "Growth", heads: ["images", "ms"], cells: [[1, 10], [16, 160]], note: "It grows." }];
  const report = { machine: ["a machine"], runs: 1, rows: [judge(row(70, 100, 0.7)), judge(row(70, undefined))], tables, failed: ["wasm failed: no threads"], notes: ["a note"] };
  expect(asMarkdown(report)).toContain("| gradient | 70.0 ms | PyTorch | 100 ms | 0.70 | <= 0.7 | ok |");
  expect(asMarkdown(report)).toContain("| 16 | 160 |\n\nIt grows.");
  expect(asText(report)).toContain("images  ms\n1       10\n16      160\nIt grows.");
  expect(asMarkdown(report)).toContain("- wasm failed: no threads");
  expect(asText(report)).toContain("wasm failed: no threads");
  expect(asText(report)).toMatch(/gradient +70\.0 ms +PyTorch +skipped/);
});

it("tells a busy machine", () => {
  const facts = { processor: "A processor", cores: 2, bytes: 2 ** 33, system: "linux 6" };
  expect(machineLines({ ...facts, load: 0.2 })).toEqual(["A processor, 2 logical cores, 8 GiB, linux 6", "load in the last minute before the start: 0.2"]);
  expect(machineLines({ ...facts, load: 3 })[1]).toContain("measure again when the machine is idle");
});

it("adds up a trace by operators, per run", () => {
  const event = (op: string, dur: number, cat = "Node", name = `x_kernel_time`) => ({ cat, name, dur, args: { op_name: op } });
  const events = [event("Conv", 3000), event("Conv", 5000), event("Mul", 2000), event("Conv", 9000, "Session"), event("Conv", 9000, "Node", "x_fence_before")];
  expect(sharesOf(events, 2)).toEqual([{ op: "Conv", calls: 1, ms: 4, share: 0.8 }, { op: "Mul", calls: 1, ms: 1, share: 0.2 }]);
});

describe("options", () => {
  it("are read", () => expect(readOptions(["--only", "vit,wasm", "--runs", "3", "--quick"])).toMatchObject({ only: ["vit", "wasm"], runs: 3, isQuick: true, isList: false }));
  it.each([["--only", "nope"], ["--only", "toString"], ["--runs", "0"], ["--runs", "many"], ["--unknown"]])("%s %s is refused", (...args) => expect(() => readOptions(args)).toThrow());
  it("go from the command line to the bench as they are", () => {
    expect(readOptions(benchArguments({ only: "vit", runs: 2, quick: true, out: "o", python: "p", pictures: "f", removeModels: true }))).toEqual({
      only: ["vit"], runs: 2, isQuick: true, out: "o", python: "p", pictures: "f", isList: false, isRemove: true, once: undefined,
    });
  });
});

it("says when the bench is not there", async () => {
  const err: string[] = [];
  expect(await runBench({}, { translate: english, out: () => {}, err: (text) => void err.push(text), progress: () => {} }, "/nowhere/bench.js")).toBe(1);
  expect(err).toEqual(["The bench is missing: /nowhere/bench.js is not there. Build Whylight anew, or install it again."]);
});

const cli = resolve(import.meta.dirname, "../../../dist/cli.js");
describe.skipIf(!existsSync(cli))("the built command (skipped where dist/cli.js is not built)", () => {
  const bench = (...args: string[]) => spawnSync(process.execPath, [cli, "bench", ...args], { encoding: "utf8" });

  it("lists its groups", () => {
    const { status, stdout } = bench("--list");
    expect(status).toBe(0);
    expect(stdout.trim().split("\n").map((line) => line.split(" ")[0])).toEqual(Object.keys(groups));
  });

  it("refuses a group that is none", () => {
    const { status, stderr } = bench("--only", "nope");
    expect(status).toBe(2);
    expect(stderr).toContain("There is no group \"nope\"");
  });
});
