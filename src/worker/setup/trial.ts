/** @file The last step: whether the TensorFlow that was set up computes. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import { tryPackage, type TrialAnswer } from "../../runtimes/tensorflowTrial.js";
import type { RunTool } from "./runStep.js";

/** The trial's program, beside the bundle that this is part of; `undefined` where the code runs unbundled. */
function builtTrial(): string | undefined {
  const path = typeof __filename === "string" ? join(dirname(__filename), "trial.js") : undefined;
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** Says which TensorFlow runs on which device. Throws `setupFailed`, `cancelled`. */
export async function tryOut(run: RunTool, home: string, script = builtTrial()): Promise<string> {
  const answer = script === undefined ? tryPackage(home) : answerOf(await run(process.execPath, [script, home]));
  if ("detail" in answer) return answer.detail;
  throw new WhylightError("setupFailed", { command: "the trial", reason: answer.reason.replace(/[.\s]+$/, "") });
}

function answerOf(output: string): TrialAnswer {
  try {
    return JSON.parse(output.trim().split("\n").at(-1)!) as TrialAnswer;
  } catch {
    return { reason: "it did not answer" };
  }
}
