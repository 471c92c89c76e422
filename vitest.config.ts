/** @file Two sets of tests: `unit` (fast, with the oracles) and `e2e` (a browser, a real VS Code). */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts", "test/oracle/**/*.test.ts", "test/conformance/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 300_000, pool: "forks", maxWorkers: 2 } },
      // One window at a time: two browsers on two cores starve each other. A second try, reported as such, for what the browser itself drops on a busy machine.
      { test: { name: "e2e", retry: 1, include: ["test/e2e/**/*.test.{ts,mjs}"], testTimeout: 300_000, hookTimeout: 1_500_000, pool: "forks", fileParallelism: false } },
    ],
  },
});
