/** @file Keeps two runs from writing one audit: a file that names the process, and that a dead process leaves behind without harm. */
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import { unwritable } from "../writing.js";

export interface FolderLock {
  /** Says that the run goes on. */
  touch(): void;
  release(): void;
}

/** A run that has said nothing for so long is over, though another process may have got its number since. */
const silentMs = 10 * 60_000;

/** Takes the folder. Throws `auditMismatch` while another run has it, `outputUnwritable`. */
export function lockFolder(audit: string): FolderLock {
  const path = join(audit, "audit.lock");
  const own = JSON.stringify({ process: process.pid, machine: hostname() });
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(path, own, { flag: "wx" });
      break;
    } catch (thrown) {
      const isTaken = (thrown as NodeJS.ErrnoException).code === "EEXIST";
      if (!isTaken || tries > 8) throw unwritable(path, thrown);
      const holder = holderOf(path);
      if (holder !== undefined) throw new WhylightError("auditMismatch", { path: audit, reason: `the process ${holder} is writing it` });
      rmSync(path, { force: true });
    }
  }
  return {
    touch: () => {
      try {
        utimesSync(path, new Date(), new Date());
      } catch {
        // Whoever removed the file meant to.
      }
    },
    release: () => rmSync(path, { force: true }),
  };
}

/** The process that holds a lock; `undefined` for one that was left behind. */
function holderOf(path: string): number | undefined {
  try {
    if (Date.now() - statSync(path).mtimeMs > silentMs) return undefined;
    const { process: id, machine } = JSON.parse(readFileSync(path, "utf8")) as { process: number; machine: string };
    // Processes of another machine cannot be asked; its silence tells.
    return machine !== hostname() || (id !== process.pid && isAlive(id)) ? id : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
