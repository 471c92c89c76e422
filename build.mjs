/** @file Builds everything that ships into dist/: host, worker and CLI for Node, the webview for the browser; with --vsix also the package. */
import { build } from "esbuild";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { packageOf, thirdPartyNotices } from "./scripts/notices.mjs";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const require = createRequire(import.meta.url);

/** Packages with native code: never bundled, found at run time. */
const natives = ["onnxruntime-node", "sharp", "@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu", "webgpu"];

const forNode = { bundle: true, platform: "node", format: "cjs", target: "node20", sourcemap: false, minifySyntax: true, minifyWhitespace: true, logLevel: "warning", logOverride: { "empty-import-meta": "silent" }, legalComments: "none", metafile: true,
  define: { WHYLIGHT_VERSION: JSON.stringify(require("./package.json").version) } };

/** Returns the names of the packages in the bundles. */
async function bundle() {
  rmSync(dist, { recursive: true, force: true });
  const at = (path) => join(root, path);
  const built = await Promise.all([
    build({ ...forNode, entryPoints: [at("src/extension.ts")], outfile: join(dist, "extension.js"), external: ["vscode"] }),
    build({ ...forNode, entryPoints: { worker: at("src/worker/main.ts"), decode: at("src/worker/audit/decodeThread.ts"), hdf5: at("src/worker/formats/hdf5Thread.ts"), trial: at("src/worker/setup/trialProcess.ts"), probe: at("src/worker/speed/probeProcess.ts"), cli: at("src/cli/start.ts"), bench: at("bench/main.ts") }, outdir: dist, external: natives, banner: { js: "#!/usr/bin/env node" } }),
    build({ bundle: true, platform: "browser", format: "iife", target: "es2022", minify: true, metafile: true, logLevel: "warning", legalComments: "none", entryPoints: { webview: at("webview/main.ts") }, outdir: dist }),
  ]);
  const wasm = join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist");
  for (const file of readdirSync(wasm).filter((name) => name.endsWith(".wasm"))) cpSync(join(wasm, file), join(dist, file));
  // PyTorch's side of the bench, which a Python of the user's runs.
  const peers = at("bench/peers");
  for (const file of readdirSync(peers).filter((name) => name.endsWith(".py"))) cpSync(join(peers, file), join(dist, "peers", file));
  // Its licence, and that of the HDF5 library in it, want to be where the bundle is.
  cpSync(join(root, "node_modules/h5wasm/LICENSE.txt"), join(dist, "hdf5.LICENSE.txt"));
  return built.flatMap(({ metafile }) => Object.keys(metafile.inputs).flatMap((file) => packageOf(file) ?? []));
}

/** The files of the native packages this platform needs, copied beside the bundles that load them. Returns the packages' names. */
function copyNatives() {
  const target = join(dist, "node_modules");
  const copied = [];
  const copy = (name, keep = () => true) => {
    copied.push(name);
    const from = join(root, "node_modules", name);
    cpSync(from, join(target, name), { recursive: true, filter: (path) => keep(path.slice(from.length).replaceAll("\\", "/")) });
  };
  // Of folders that hold one folder per platform, this one's; and what such folders lie in.
  const isOf = (platform, path) => platform.startsWith(path) || path.startsWith(`${platform}/`);
  // The CUDA provider weighs more than all the rest; ONNX Runtime finds its WebGPU inside of its own library.
  copy("onnxruntime-node", (path) => !path.includes("napi-v6") || (isOf(`/bin/napi-v6/${process.platform}/${process.arch}`, path) && !/providers_|script/.test(path)));
  const dawn = `/dist/${process.platform}-${process.platform === "darwin" ? "universal" : process.arch}`;
  // Dawn exists for fewer platforms than the rest; without it there are no graphics cards through WebGPU.
  if (existsSync(join(root, "node_modules/webgpu", dawn))) copy("webgpu", (path) => (path.startsWith("/dist") ? isOf(dawn, path) : !/^\/(build|node_modules|types)/.test(path)));
  for (const name of ["onnxruntime-common", "sharp", "detect-libc", "semver", "@img/colour"]) copy(name);
  const isHere = (name) => name.startsWith("sharp-") && name.endsWith(`${process.platform}-${process.arch}`);
  for (const name of readdirSync(join(root, "node_modules/@img")).filter(isHere)) copy(`@img/${name}`);
  return copied;
}

function packageVsix(bundled) {
  writeFileSync(join(dist, "THIRD_PARTY_NOTICES.txt"), thirdPartyNotices([...bundled, ...copyNatives()].map((name) => join(root, "node_modules", name))));
  const file = join(dist, "whylight.vsix");
  const vsce = require.resolve("@vscode/vsce/vsce");
  execFileSync(process.execPath, [vsce, "package", "--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links", "--target", `${process.platform}-${process.arch}`, "--out", file], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  // What the package weighs decides whether people can install it on a train.
  const megabytes = statSync(file).size / 2 ** 20;
  if (megabytes > 60) throw new Error(`the package has grown to ${megabytes.toFixed(0)} MB; 60 MB is the limit`);
  console.log(`dist/whylight.vsix, ${megabytes.toFixed(1)} MB`);
}

mkdirSync(dist, { recursive: true });
const bundled = await bundle();
if (process.argv.includes("--vsix")) packageVsix(bundled);
if (!existsSync(join(dist, "cli.js"))) throw new Error("the build left no dist/cli.js");
