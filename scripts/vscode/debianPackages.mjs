/** @file The Debian packages that building VS Code and driving it need, installed when they are missing. */
import { spawnSync } from "node:child_process";
import { step, findOnPath } from "../steps.mjs";

/** What compiling the server's native modules needs, and the search program it calls. */
const buildPackages = [
  "python3",
  "make",
  "g++",
  "pkg-config",
  "libkrb5-dev",
  "libsecret-1-dev",
  "libx11-dev",
  "libxkbfile-dev",
  "ripgrep",
];

/** What drawing the workbench without a screen needs. */
const browserPackages = ["chromium", "fonts-dejavu-core"];

/**
 * Installs those of `packages` that are missing.
 * Does nothing where Debian's package tools are absent; throws one sentence naming the packages where they may not be used.
 *
 * @param {string[]} packages
 */
async function ensureDebianPackages(packages) {
  if (!findOnPath("dpkg-query") || !findOnPath("apt-get")) return;
  const missing = packages.filter((name) => {
    const { stdout } = spawnSync("dpkg-query", ["-W", "-f=${Status}", name], { encoding: "utf8" });
    return stdout !== "install ok installed";
  });
  if (missing.length === 0) return;

  const isRoot = process.getuid?.() === 0;
  if (!isRoot && spawnSync("sudo", ["-n", "true"]).status !== 0) {
    throw new Error(
      `Debian packages are missing; install them with: sudo apt-get install ${missing.join(" ")}`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const aptGet = (label, ...args) => {
    // Another installation may be under way; apt-get waits for it rather than fail.
    const command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", ...args];
    const [program, ...rest] = isRoot
      ? command
      : ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND", ...command];
    return step(label, program, rest, { env });
  };
  await aptGet("apt-get update", "update");
  await aptGet(
    `apt-get install ${missing.join(" ")}`,
    "install",
    "-y",
    "--no-install-recommends",
    ...missing,
  );
}

/** Makes sure that VS Code's server can be built here; does nothing outside Debian and its relatives. */
export const ensureBuildPackages = () => ensureDebianPackages(buildPackages);

/** Returns the path of a Chromium (or Chrome), installing Debian's when there is none; `CHROMIUM_PATH` names another. */
export async function ensureChromium() {
  const find = () =>
    process.env.CHROMIUM_PATH ?? findOnPath("chromium", "chromium-browser", "google-chrome");
  if (!find()) await ensureDebianPackages(browserPackages);
  const chromium = find();
  if (!chromium) throw new Error("No Chromium was found; install one or set CHROMIUM_PATH to it.");
  return chromium;
}
