/** @file The outcome of the backend tests as a table for people and as data. */
import type { RuntimeName } from "../../src/engine/runtime.js";
import type { Verdict } from "./judge.js";

/** What one runtime made of every test. */
export interface RuntimeOutcome {
  readonly runtime: RuntimeName;
  readonly detail: string;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly notSupported: number;
}

export function countsOf({ verdicts }: RuntimeOutcome): Counts {
  const count = (status: Verdict["status"]) => [...verdicts.values()].filter((verdict) => verdict.status === status).length;
  return { passed: count("passed"), failed: count("failed"), notSupported: count("not supported") };
}

/** Reasons with how many tests gave them, most frequent first. */
export function reasonsOf({ verdicts }: RuntimeOutcome): [reason: string, tests: number][] {
  const reasons = new Map<string, number>();
  for (const verdict of verdicts.values()) if (verdict.status === "not supported") reasons.set(verdict.reason, (reasons.get(verdict.reason) ?? 0) + 1);
  return [...reasons].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}

/** Failed tests with what was wrong. */
export function failuresOf({ verdicts }: RuntimeOutcome): [test: string, reason: string][] {
  return [...verdicts].flatMap(([test, verdict]): [string, string][] => (verdict.status === "failed" ? [[test, verdict.reason]] : []));
}

/** One table, then per runtime what failed and why the rest is not supported. */
export function markdown(outcomes: readonly RuntimeOutcome[], absent: readonly string[]): string {
  const rows = outcomes.map((outcome) => {
    const { passed, failed, notSupported } = countsOf(outcome);
    return `| ${outcome.runtime} | ${passed} | ${failed} | ${notSupported} | ${outcome.detail} |`;
  });
  const sections = outcomes.flatMap((outcome) => [
    "", `## ${outcome.runtime}`, "", "Failed:", "", ...failuresOf(outcome).map(([test, reason]) => `- ${test}: ${reason}`),
    "", "Not supported:", "", ...reasonsOf(outcome).map(([reason, tests]) => `- ${tests} ${reason}`),
  ]);
  return ["# ONNX backend tests", "", "| runtime | passed | failed | not supported | what ran |", "| --- | --- | --- | --- | --- |", ...rows, ...absent.map((reason) => `\n${reason}`), ...sections, ""].join("\n");
}

/** The table for a terminal. */
export function text(outcomes: readonly RuntimeOutcome[], absent: readonly string[]): string {
  const lines = outcomes.flatMap((outcome) => {
    const { passed, failed, notSupported } = countsOf(outcome);
    return [
      `${outcome.runtime.padEnd(16)} ${String(passed).padStart(6)} passed ${String(failed).padStart(5)} failed ${String(notSupported).padStart(5)} not supported`,
      ...failuresOf(outcome).map(([test, reason]) => `    failed ${test}: ${reason.slice(0, 200)}`),
      `    not supported: ${reasonsOf(outcome).map(([reason, tests]) => `${tests} ${reason}`).join("; ")}`,
    ];
  });
  return ["ONNX backend tests", ...lines, ...absent].join("\n");
}
