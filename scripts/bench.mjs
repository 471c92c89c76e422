/** @file `npm run bench`: this project beside its peers, in one run and one table. Options: --only NAME, --runs N. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { drawAuditPictures } from "./auditPictures.mjs";
import { cached } from "./cache.mjs";
import { ensurePackages, root, runNode } from "./setup.mjs";

/** Names a model made by another version of its export script differently. */
const models = "bench-resnet50-1";
const textModels = "bench-bert-base-1";
const auditPictures = "bench-pictures-1";
const auditPictureCount = 20_000;
const peers = join(root, "bench/peers");

ensurePackages();
runNode(["build.mjs"]);
const python = findPython();
const folder = await cached(models, async (building) => {
  if (python.reason !== undefined) throw new Error(`There is no model to measure, which PyTorch must export once: ${python.reason}.`);
  console.log("Exporting a torchvision ResNet-50 with random weights ...");
  execFileSync(python.path, [join(peers, "export.py"), building], { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...python.env } });
}).catch((thrown) => {
  console.error(thrown.message);
  process.exit(1);
});
const textFolder = await textModelFolder();
const pictures = await picturesFolder();
if (python.reason !== undefined) console.log(`PyTorch is left out: ${python.reason}.`);
const out = join(root, "test-output/bench");
mkdirSync(out, { recursive: true });
await bundle(join(out, "main.cjs"));
const setup = { root, cli: join(root, "dist/cli.js"), model: join(folder, "resnet50.onnx"), weights: join(folder, "resnet50.pt"), peers, out,
  ...(textFolder && { textModel: { model: join(textFolder, "bert-base.onnx"), weights: join(textFolder, "bert-base.pt") } }),
  ...(pictures && { pictures: { folder: pictures, count: auditPictureCount } }), python: python.reason === undefined ? python : undefined };
const result = spawnSync(process.execPath, [join(out, "main.cjs"), JSON.stringify(setup), ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = result.status ?? 1;

/** Some hundred megabytes that take minutes to draw. */
async function picturesFolder() {
  const only = process.argv[process.argv.indexOf("--only") + 1];
  if (process.argv.includes("--only") && only !== "audit") return undefined;
  return join(await cached(auditPictures, async (building) => {
    console.log(`Drawing ${auditPictureCount} pictures ...`);
    await drawAuditPictures(join(building, "pictures"), auditPictureCount);
  }), "pictures");
}

/** Its 900 MB are made only when they will be measured. */
async function textModelFolder() {
  const only = process.argv[process.argv.indexOf("--only") + 1];
  if (process.argv.includes("--only") && only !== "text") return undefined;
  if (python.versions?.transformers === undefined) return undefined;
  return cached(textModels, async (building) => {
    console.log("Exporting a BERT-base with random weights ...");
    execFileSync(python.path, [join(peers, "exportText.py"), building], { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...python.env } });
  });
}

/** A Python with torch and torchvision: WHYLIGHT_PYTHON, else python3 on the PATH; or the reason why there is none. */
function findPython() {
  const path = process.env.WHYLIGHT_PYTHON ?? "python3";
  const probe = spawnSync(path, [join(peers, "probe.py")], { encoding: "utf8", env: withDeclare("0") });
  if (probe.error) return { reason: `${path} cannot be started; name a Python with torch and torchvision in WHYLIGHT_PYTHON` };
  if (probe.status !== 0) return { reason: `${path} lacks torch and torchvision (${probe.stderr.trim().split("\n").at(-1)}); name one that has them in WHYLIGHT_PYTHON` };
  const { declare, ...versions } = JSON.parse(probe.stdout.trim().split("\n").at(-1));
  return { path, versions, env: { WHYLIGHT_BENCH_DECLARE: declare } };
}

function withDeclare(value) {
  return { ...process.env, WHYLIGHT_BENCH_DECLARE: value };
}

/** Native packages stay where they are; the WASM files are found beside the installed package. */
async function bundle(outfile) {
  const { build } = await import("esbuild");
  const external = ["onnxruntime-node", "sharp", "@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"];
  await build({ entryPoints: [join(root, "bench/main.ts")], outfile, external, bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "warning", logOverride: { "empty-import-meta": "silent" },
    define: { WHYLIGHT_VERSION: '"bench"' } });
  if (!existsSync(outfile)) throw new Error("the bench was not bundled");
}
