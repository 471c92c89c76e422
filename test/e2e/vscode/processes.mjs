/** @file The processes of one server, as `/proc` knows them. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The ids of the processes that run a script of an extension installed in this server.
 *
 * @param {Awaited<ReturnType<typeof import("./server.mjs").startServer>>} server
 * @param {string} script the end of its path, as in "dist/worker.js"
 */
export function childrenRunning(server, script) {
  const folder = `${dirname(server.userData)}/extensions/`;
  const isIt = (argument) => argument.startsWith(folder) && argument.endsWith(script);
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((id) => commandLine(id).some(isIt));
}

/** Empty for a process that has ended meanwhile. */
function commandLine(id) {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
