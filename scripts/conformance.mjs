/** @file `npm run conformance`: every attribution method against the recorded tensors of every model, and the ONNX project's backend tests, on every runtime, as two tables. `--only TEXT` takes tests whose names hold the text; `--update` records the counts as expected. */
import { spawnSync } from "node:child_process";
import { ensurePackages, root } from "./setup.mjs";
import { onnxTests } from "./onnxTests.mjs";

ensurePackages();
const found = onnxTests({ install: true });
if ("reason" in found) {
  console.error(found.reason);
  process.exit(3);
}
const args = process.argv.slice(2);
const valueOf = (name) => (args.includes(name) ? (args[args.indexOf(name) + 1] ?? "") : "");
const env = { ...process.env, WHYLIGHT_CONFORMANCE_ONLY: valueOf("--only"), WHYLIGHT_CONFORMANCE_RUNTIMES: valueOf("--runtimes"), WHYLIGHT_CONFORMANCE_UPDATE: args.includes("--update") ? "1" : "" };
const run = (test) => spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", test, "--project=unit", "--disableConsoleIntercept=true"], { cwd: root, stdio: "inherit", env }).status ?? 1;
const methods = args.includes("--only") || args.includes("--update") ? 0 : run("test/oracle/recorded.test.ts");
process.exit(run("test/conformance/conformance.test.ts") || methods);
