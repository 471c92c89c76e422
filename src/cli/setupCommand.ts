/** @file `whylight setup-tensorflow`: TensorFlow for Node, set up or removed. */
import { bytesText } from "../protocol/bytesText.js";
import type { SetupProgress, SetupRequest } from "../protocol/setup.js";
import { obstacleText, planLines, stepTitle } from "../protocol/setupTexts.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { askOnTerminal } from "./consent.js";
import { interrupted, runStoppable } from "./stoppable.js";
import type { Terminal } from "./terminal.js";

export interface SetupOptions extends SetupRequest {
  readonly remove: boolean;
  /** Do it without asking. */
  readonly yes: boolean;
  readonly json: boolean;
}

type SetupJobs = Pick<Jobs, "planTensorflow" | "setUpTensorflow" | "removeTensorflow" | "doctor">;

/** Shows what would be done, asks, and does it. Returns the exit code: 0, 1 when it failed, 130 when it was stopped. */
export async function runSetup({ remove, yes, json, ...request }: SetupOptions, terminal: Terminal, jobs: SetupJobs = createJobs(), ask: (question: string) => Promise<boolean> = askOnTerminal): Promise<number> {
  const { out, err, translate } = terminal;
  const tell = json ? err : out;
  const stopped = () => translate("Stopped. What was done is kept; the same command goes on.");
  return runStoppable(terminal, ["SIGINT", "SIGTERM", "SIGHUP"], stopped, async (signal) => {
    if (remove) return await removeSetup(request.folder, { yes, json }, terminal, jobs, ask);
    const plan = await jobs.planTensorflow(request);
    for (const line of planLines(plan, translate)) tell(line);
    if (!yes && !(await ask(translate("Set it up? [y/N] ")))) return interrupted;
    const result = await jobs.setUpTensorflow(request, { signal, onSetup: (progress) => tellStep(progress, tell, terminal) });
    if (json) out(JSON.stringify(result, undefined, 2));
    else {
      for (const obstacle of result.givenUp) out(obstacleText(obstacle, translate));
      out(translate("{detail}: ready, {size} in {folder}. The runtime tfjs-tensorflow finds it by itself.", { detail: result.detail, size: bytesText(result.diskBytes), folder: result.folder }));
    }
    return 0;
  });
}

async function removeSetup(folder: string | undefined, { yes, json }: Pick<SetupOptions, "yes" | "json">, { out, translate }: Terminal, jobs: SetupJobs, ask: (question: string) => Promise<boolean>): Promise<number> {
  if (!yes && !(await ask(translate("Remove the TensorFlow that was set up? [y/N] ")))) return interrupted;
  const removed = jobs.removeTensorflow(folder);
  if (json) out(JSON.stringify(removed, undefined, 2));
  else out(removed.bytes === 0 ? translate("Nothing was set up in {folder}.", { folder: removed.folder }) : translate("Removed: {folder}, {size}.", { folder: removed.folder, size: bytesText(removed.bytes) }));
  return 0;
}

/** A line per step when it ends, and what its program says while it works where somebody watches. */
function tellStep({ step, index, count, state, line, seconds }: SetupProgress, tell: (text: string) => void, { progress, translate }: Terminal): void {
  const title = `[${index + 1}/${count}] ${stepTitle(step, translate)}`;
  if (state === "begun" || state === "working") progress("preparing", line === "" ? title : `${title} · ${line}`);
  else tell(state === "kept" ? `${title} (${translate("done already")})` : `${title} · ${seconds.toFixed(1)} s${state === "failed" ? ` · ${translate("failed")}` : ""}`);
}
