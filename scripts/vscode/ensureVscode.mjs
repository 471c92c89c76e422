/** @file Builds a real VS Code (code-server) once into the cache folder, from npm and Debian packages alone. */
import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { builds, newest, oldest } from "./builds.mjs";
import { cached } from "../cache.mjs";
import { ensureBuildPackages } from "./debianPackages.mjs";
import { findOnPath, step } from "../steps.mjs";

/**
 * Returns the program that runs VS Code's server, building it first when the cache lacks it.
 *
 * @param {string} version a key of `builds`
 * @returns {Promise<{ version: string, vscode: string, node: string, entry: string }>} `node entry ...` runs the server
 */
export async function ensureVscode(version) {
  const build = builds[version];
  if (!build)
    throw new Error(`code-server ${version} is not one of ${Object.keys(builds).join(", ")}.`);
  if (process.platform === "win32")
    throw new Error("VS Code's server is built on Linux and macOS only.");

  const node = await ensureNode(build.node);
  const folder = await cached(`code-server-${version}`, async (building) => {
    await ensureBuildPackages();
    await installCodeServer(building, version, build, node);
  });
  return {
    version,
    vscode: build.vscode,
    node,
    entry: join(folder, "node_modules/code-server/out/node/entry.js"),
  };
}

/** Returns a Node of the given major version: the one running this, or else npm's `node` package. */
async function ensureNode(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const folder = await cached(`node-${major}`, (building) =>
    npm(`npm install node@${major}`, building, process.env, [
      "install",
      allowScripts,
      `node@${major}`,
    ]),
  );
  const node = join(folder, "node_modules/node/bin/node");
  if (!existsSync(node)) throw new Error(`npm installed node@${major} without its program; delete ${folder} and try again.`);
  return node;
}

/** npm from version 12 on runs no install script that is not allowed; these are the few packages named in the call. */
const allowScripts = "--dangerously-allow-all-scripts";

async function npm(label, cwd, env, args) {
  // A package.json of its own keeps npm from walking up to somebody else's.
  if (!existsSync(join(cwd, "package.json")))
    await writeFile(join(cwd, "package.json"), '{ "private": true }\n');
  await step(label, "npm", [...args, "--no-audit", "--no-fund", "--no-save", "--loglevel=error"], {
    cwd,
    // The project's own .npmrc reaches us through `npm test`, and it forbids the very scripts that compile these packages.
    env: { ...env, npm_config_ignore_scripts: "false" },
  });
}

async function installCodeServer(folder, version, build, node) {
  const env = {
    ...process.env,
    // npm and node-gyp run on the server's own Node, so that what they compile fits it.
    PATH: dirname(node) + delimiter + process.env.PATH,
    JOBS: "max",
    // Some install scripts call `npx node-gyp`, which must neither stop to ask nor be refused by a cautious .npmrc.
    npm_config_yes: "true",
  };
  const vscode = join(folder, "node_modules/code-server/lib/vscode");
  const extensions = join(vscode, "extensions");
  const dependencies = ["install", "--ignore-scripts", "--omit=dev"];

  // code-server's own install script downloads from outside npm; the steps after this one do its work instead.
  const codeServer = `code-server@${version}`;
  await npm(`npm install ${codeServer}`, folder, env, ["install", "--ignore-scripts", codeServer]);
  await npm("install VS Code's dependencies", vscode, env, dependencies);
  if (build.bundledExtensions)
    await npm("install its extensions' dependencies", extensions, env, dependencies);
  await npm("compile VS Code's native modules", vscode, env, [
    "rebuild",
    allowScripts,
    ...build.native,
  ]);
  await npm("compile code-server's native module", folder, env, [
    "rebuild",
    allowScripts,
    "argon2",
  ]);
  await linkRipgrep(vscode);
  // VS Code loads some modules through the name of an archive that code-server's package does not hold.
  if (!existsSync(join(vscode, "node_modules.asar")))
    await symlink("node_modules", join(vscode, "node_modules.asar"));
  // A native module that was not compiled shows now, not in the first test.
  const entry = join(folder, "node_modules/code-server/out/node/entry.js");
  const [user, installed] = [join(folder, ".try/user"), join(folder, ".try/extensions")];
  for (const needed of [join(user, "User"), installed]) await mkdir(needed, { recursive: true });
  await step("try it", node, [entry, "--user-data-dir", user, "--extensions-dir", installed, "--list-extensions"], { env });
}

/** Puts the machine's ripgrep where the older VS Code looks for the one it would have downloaded. */
async function linkRipgrep(vscode) {
  const ripgrep = join(vscode, "node_modules/@vscode/ripgrep");
  if (!existsSync(ripgrep) || existsSync(join(ripgrep, "bin/rg"))) return;
  const installed = findOnPath("rg");
  if (!installed)
    throw new Error("VS Code's search needs ripgrep: install it so that rg is on PATH.");
  await mkdir(join(ripgrep, "bin"), { recursive: true });
  await symlink(installed, join(ripgrep, "bin/rg"));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const wanted = process.argv.slice(2);
  for (const version of wanted.length > 0 ? wanted : [oldest, newest]) {
    const { vscode, entry } = await ensureVscode(version);
    console.log(`VS Code ${vscode}: ${entry}`);
  }
}
