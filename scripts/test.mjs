/** @file `npm test`: sets itself up, checks, builds and runs every test; the last line counts them. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onnxTests } from "./onnxTests.mjs";
import { ensurePackages, root, runNode } from "./setup.mjs";

ensurePackages();
const results = join(root, "test-output");
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const counts = { passed: 0, failed: 0, skipped: 0 };

/** A step that is not a test suite counts as one test. */
function step(name, run) {
  const started = performance.now();
  try {
    run();
    counts.passed++;
    console.log(`ok ${name} (${((performance.now() - started) / 1000).toFixed(0)} s)`);
    return true;
  } catch (error) {
    counts.failed++;
    console.log(`FAILED ${name}: ${error.message}`);
    return false;
  }
}

/** Runs one vitest project and adds up what it reports. */
function suite(project) {
  const report = join(results, `${project}.json`);
  spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`], { cwd: root, stdio: "inherit" });
  if (!existsSync(report)) {
    counts.failed++;
    console.log(`FAILED ${project}: vitest left no report`);
    return;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(readFileSync(report, "utf8"));
  counts.passed += numPassedTests;
  // A file that fails before its first test has no failed test to count.
  counts.failed += numFailedTests > 0 ? numFailedTests : Math.min(1, numFailedTestSuites);
  counts.skipped += numPendingTests;
}

step("check", () => runNode(["scripts/check.mjs"]));
if (step("build", () => runNode(["build.mjs", "--vsix"]))) {
  // Native TensorFlow is optional: its tests skip with a printed reason where it cannot be built.
  spawnSync(process.execPath, ["scripts/tensorflow.mjs"], { cwd: root, stdio: "inherit" });
  // So are the ONNX project's backend tests; root fetches them where Debian's package is missing.
  const backendTests = onnxTests({ install: true });
  if ("reason" in backendTests) console.log(backendTests.reason);
  suite("unit");
  // Built before the tests that need them, so that no test waits for a compiler.
  if (step("two versions of VS Code", () => runNode(["scripts/vscode/ensureVscode.mjs"]))) suite("e2e");
}
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exit(counts.failed === 0 ? 0 : 1);
