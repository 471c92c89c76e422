/** @file Builds TensorFlow.js's native binding on the TensorFlow that pip installs, once, into the cache folder. */
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "./cache.mjs";
import { findOnPath, step } from "./steps.mjs";

const tensorflowVersion = "2.21.0";
const bindingVersion = "4.22.0";

/** The libraries of the wheel, each with the name that the binding is linked against. */
const libraries = [
  ["libtensorflow_cc.so.2", "libtensorflow.so"],
  ["libtensorflow_framework.so.2", "libtensorflow_framework.so"],
];

/**
 * The folder of a `@tensorflow/tfjs-node` package that loads here, built when it is not in the cache yet,
 * or one sentence that says why there is none. Never throws.
 *
 * @returns {Promise<{ folder: string } | { reason: string }>}
 */
export async function ensureTensorflow() {
  if (process.platform !== "linux") return { reason: "The native TensorFlow binding is built on Linux only." };
  try {
    const entry = await cached(`tensorflow-${tensorflowVersion}`, build);
    return { folder: packageFolder(entry) };
  } catch (error) {
    return { reason: error.reason ?? `Building the TensorFlow binding failed: ${error.message}` };
  }
}

const packageFolder = (entry) => join(entry, "node_modules", "@tensorflow", "tfjs-node");

/** Everything in `entry` is relative to it, because the cache renames the folder when it is whole. */
async function build(entry) {
  const python = requiredTool("Python 3 with pip", "python3");
  requiredTool("a C++ compiler", "c++", "g++", "clang++");
  requiredTool("make", "make", "gmake");
  const npm = requiredTool("npm", "npm");

  const wheel = join(entry, "wheel");
  const pip = ["-m", "pip", "install", "--quiet", "--retries", "0", "--no-deps", "--only-binary", ":all:", "--no-compile"];
  await step(`pip: tensorflow-cpu ${tensorflowVersion}`, python, [...pip, "--target", wheel, `tensorflow-cpu==${tensorflowVersion}`]).catch((error) => {
    throw unavailable(`pip could not install tensorflow-cpu ${tensorflowVersion}: ${lastLine(error.message)}`);
  });
  await writeFile(join(entry, "package.json"), '{ "private": true }\n');
  await step(`npm: @tensorflow/tfjs-node ${bindingVersion}`, npm, ["install", "--ignore-scripts", `@tensorflow/tfjs-node@${bindingVersion}`], { cwd: entry }).catch((error) => {
    throw unavailable(`npm could not install @tensorflow/tfjs-node ${bindingVersion}: ${lastLine(error.message)}`);
  });

  const folder = packageFolder(entry);
  await takeLibraries(join(wheel, "tensorflow"), join(folder, "deps"));
  await step("compile the binding", npm, ["exec", "--", "node-pre-gyp", "install", "--build-from-source"], { cwd: folder });
  for (const rest of [wheel, join(folder, "deps", "include"), ...(await temporaries(folder))]) await rm(rest, { recursive: true, force: true });
}

/** Moves the libraries out of the wheel and links the headers, which only the compiler needs. */
async function takeLibraries(tensorflow, deps) {
  const lib = join(deps, "lib");
  await mkdir(lib, { recursive: true });
  for (const [library, linkedName] of libraries) {
    if (!existsSync(join(tensorflow, library))) throw unavailable(`The tensorflow-cpu ${tensorflowVersion} wheel holds no ${library}.`);
    await rename(join(tensorflow, library), join(lib, library));
    await symlink(library, join(lib, linkedName));
  }
  await symlink(join(tensorflow, "include"), join(deps, "include"));
}

async function temporaries(folder) {
  return (await readdir(folder)).filter((name) => name === "build" || name.startsWith("build-tmp")).map((name) => join(folder, name));
}

function requiredTool(what, ...names) {
  const found = findOnPath(...names);
  if (found === undefined) throw unavailable(`Building the TensorFlow binding needs ${what}, which is not on PATH.`);
  return found;
}

const unavailable = (reason) => Object.assign(new Error(reason), { reason });

const lastLine = (text) => text.trimEnd().split("\n").at(-1);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await ensureTensorflow();
  if ("folder" in result) console.log(`TensorFlow ${tensorflowVersion} for TensorFlow.js: ${result.folder}`);
  else {
    console.error(result.reason);
    process.exitCode = 3;
  }
}
