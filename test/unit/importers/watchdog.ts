/** @file Ends this process when one step takes too long: a loop without end in the code under test cannot be left otherwise. */
import { Worker } from "node:worker_threads";

/** Runs in the thread: counts are compared once a second, and a step that lasts `seconds` is the end. */
const program = `
const { workerData: { beats, seconds, message } } = require("node:worker_threads");
const { writeSync } = require("node:fs");
let last = -1, since = 0;
setInterval(() => {
  const now = Atomics.load(beats, 0);
  since = now === last && now % 2 === 1 ? since + 1 : 0;
  last = now;
  if (since < seconds) return;
  writeSync(2, message + "\\n");
  process.kill(process.pid, "SIGKILL");
}, 1000);
`;

/** `around` runs a step under the watch. The process is killed, after `message` was written to standard error, when one takes longer than `seconds`. */
export function watch(seconds: number, message: string): { around<Result>(step: () => Promise<Result>): Promise<Result>; end(): Promise<void> } {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(program, { eval: true, workerData: { beats, seconds, message } });
  return {
    around: async (step) => {
      // Odd while a step runs.
      Atomics.add(beats, 0, 1);
      try {
        return await step();
      } finally {
        Atomics.add(beats, 0, 1);
      }
    },
    end: async () => {
      await thread.terminate();
    },
  };
}
