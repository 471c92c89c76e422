/** @file `npm run bench`: sets everything up and runs `whylight bench` with its options (CONTRIBUTING.md); the report goes to test-output unless --out names another folder. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { drawAuditPictures } from "./auditPictures.mjs";
import { cached } from "./cache.mjs";
import { ensurePackages, root, runNode } from "./setup.mjs";

/** Some hundred megabytes that take minutes to draw, once. */
const auditPictures = "bench-pictures-1";
const auditPictureCount = 20_000;

ensurePackages();
runNode(["build.mjs"]);
const given = process.argv.slice(2);
const only = given[given.indexOf("--only") + 1]?.split(",");
const isAudited = !given.some((flag) => ["--list", "--quick", "--remove-models", "--pictures"].includes(flag)) && (!given.includes("--only") || only.includes("audit"));
const pictures = isAudited ? ["--pictures", join(await cached(auditPictures, async (building) => {
  console.log(`Drawing ${auditPictureCount} pictures ...`);
  await drawAuditPictures(join(building, "pictures"), auditPictureCount);
}), "pictures")] : [];
const out = given.includes("--out") ? [] : ["--out", join(root, "test-output")];
process.exitCode = spawnSync(process.execPath, [join(root, "dist/cli.js"), "bench", ...given, ...pictures, ...out], { stdio: "inherit" }).status ?? 1;
