/** @file The file that `whylight` runs. */
import { ownTerminal, runCommandLine } from "./main.js";
import { isShortOfMemory, runWatched } from "./shortOfMemory.js";

// A reader that closes the pipe early, as `head` does, has seen enough; the files are still to be written.
process.stdout.on("error", () => {});

void (isShortOfMemory() ? runWatched(ownTerminal()) : runCommandLine(process.argv.slice(2), ownTerminal())).then((code) => {
  process.exitCode = code;
});
