/** @file `node guard.mjs FOLDER PROGRAM ...ARGS`: runs a server that cannot outlive the tests that started it.
 *
 * The program gets a process group of its own. When it ends, or when standard input closes (because it was closed,
 * or because the process holding the other end died in whatever way), the group is ended and FOLDER is removed.
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";

const patience = 5000;
const [folder, program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { detached: true, stdio: ["ignore", "inherit", "inherit"] });

const killGroup = (signal) => {
  if (!child.pid) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group.
  }
};

child.on("error", (error) => {
  console.error(error.message);
  finish(1);
});
child.on("exit", (status) => finish(status ?? 1));
process.stdin.resume().on("close", () => {
  killGroup("SIGTERM");
  setTimeout(finish, patience, 0);
});

function finish(status) {
  killGroup("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  process.exit(status);
}
