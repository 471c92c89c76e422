/** @file Sets up TensorFlow for Node for the tests, by the product's own code, once, into the cache folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "./cache.mjs";
import { root } from "./setup.mjs";

const tensorflowVersion = "2.21.0";

/**
 * The folder of a `@tensorflow/tfjs-node` package that loads here, built when it is not in the cache yet,
 * or one sentence that says why there is none. Never throws.
 *
 * @returns {Promise<{ folder: string } | { reason: string }>}
 */
export async function ensureTensorflow() {
  if (process.platform !== "linux") return { reason: "The native TensorFlow binding is built on Linux only." };
  try {
    const entry = await cached(`tensorflow-${tensorflowVersion}`, setUp);
    return { folder: join(entry, "node_modules", "@tensorflow", "tfjs-node") };
  } catch (error) {
    return { reason: `TensorFlow for Node was not set up: ${error.message}` };
  }
}

/** Every link in `entry` is relative, because the cache renames the folder when it is whole. */
async function setUp(entry) {
  const bundle = await mkdtemp(join(tmpdir(), "whylight-setup-"));
  try {
    const { setUpTensorflow } = await bundleSetup(bundle);
    const onSetup = ({ step, state, seconds }) => state === "done" && console.log(`  ${step.id} ... ${seconds.toFixed(1)} s`);
    const { detail } = await setUpTensorflow({ folder: entry, package: "tensorflow-cpu" }, { onSetup }, { writesDown: false });
    if (!detail.includes(tensorflowVersion)) throw new Error(`pip brought another version (${detail})`);
  } finally {
    await rm(bundle, { recursive: true, force: true });
  }
}

async function bundleSetup(outdir) {
  const { build } = await import("esbuild");
  const room = join(root, "src/worker/setup");
  await build({
    entryPoints: { setup: join(room, "setUpTensorflow.ts"), trial: join(room, "trialProcess.ts") }, outdir,
    bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "warning", logOverride: { "empty-import-meta": "silent" },
  });
  return createRequire(import.meta.url)(join(outdir, "setup.js"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await ensureTensorflow();
  if ("folder" in result) console.log(`TensorFlow ${tensorflowVersion} for TensorFlow.js: ${result.folder}`);
  else {
    console.error(result.reason);
    process.exitCode = 3;
  }
}
