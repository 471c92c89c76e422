/** @file The file that `whylight` runs. */
import { ownTerminal, runCommandLine } from "./main.js";

// A reader that closes the pipe early, as `head` does, has seen enough; the files are still to be written.
process.stdout.on("error", () => {});

void runCommandLine(process.argv.slice(2), ownTerminal()).then((code) => {
  process.exitCode = code;
});
