/** @file Runs outside programs as named steps: one line and the seconds while all is well, the program's own words when not. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Runs `command` and prints `label` with the seconds it took.
 * Throws with the last lines of its output when it cannot be started or ends with another status than 0.
 *
 * @param {string} label
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export async function step(label, command, args, options = {}) {
  const started = Date.now();
  process.stdout.write(`  ${label} ... `);
  const output = await new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    const keep = (chunk) => (text = (text + chunk).slice(-20_000));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (status === 0) return resolve(text);
      process.stdout.write("failed\n");
      const tail = text.trimEnd().split("\n").slice(-40).join("\n");
      reject(new Error(`"${command} ${args.join(" ")}" ended with ${signal ?? status}:\n${tail}`));
    });
  });
  process.stdout.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return output;
}

/**
 * The first of `names` that is a program on PATH, as a full path, or `undefined`.
 *
 * @param {...string} names
 */
export function findOnPath(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not in this folder; the next one may hold it.
      }
    }
  }
  return undefined;
}
