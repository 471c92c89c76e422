/** @file `npm run localisation`: every method on many held-out pictures, with the trained model and with random weights; prints the table and writes docs/localisation.md. */
import { spawnSync } from "node:child_process";
import { ensurePackages, root } from "./setup.mjs";

ensurePackages();
const { status } = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "test/oracle/localisation.test.ts", "--project=unit", "--testTimeout=3600000", "--disableConsoleIntercept=true"], {
  cwd: root, stdio: "inherit", env: { ...process.env, WHYLIGHT_LOCALISATION: "all" },
});
process.exit(status ?? 1);
