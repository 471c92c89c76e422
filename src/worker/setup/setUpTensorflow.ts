/** @file Sets up TensorFlow for Node: tries the ways in their order, does what is not done yet, and undoes it all on request. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { throwIfCancelled } from "../../engine/cancellation.js";
import { toWhylightError, WhylightError } from "../../engine/errors.js";
import type { SetupObstacle, SetupPlan, SetupRequest, SetupResult, SetupStep, SetupWayId } from "../../protocol/setup.js";
import { forget, ownBuild, readyMark, writeDown } from "../../runtimes/tensorflowPlaces.js";
import { checkRoom, freeBytes } from "../diskRoom.js";
import { orUnwritable } from "../writing.js";
import type { JobContext } from "../jobs.js";
import { stepTools } from "./runStep.js";
import { beginWork, bytesBelow, checkOwn, clearFolder, mark, readMarks, type Work } from "./setupFolder.js";
import { officialWay, pythonWay, type Step, type Way } from "./setupWays.js";
import { tryOut } from "./trial.js";

/** What tests and scripts have otherwise. */
export interface SetupTools {
  readonly tryOut: typeof tryOut;
  /** Whether the build is written down where the editor and the command line look. */
  readonly writesDown: boolean;
}

const folderOf = (folder: string | undefined): string => (folder === undefined ? ownBuild() : resolve(folder));

/** What would be done. Throws what closes the last way when all are closed. */
export async function planTensorflow(request: SetupRequest): Promise<SetupPlan> {
  const folder = folderOf(request.folder);
  checkOwn(folder);
  const { ways, obstacles } = await openWays(folder, request);
  return { folder, obstacles, freeBytes: freeBytes(folder), ways: ways.map(({ id, steps }) => ({ id, steps: [...steps.map((step) => shown(step, folder)), trialStep] })) };
}

/** Does it. A step that is done is kept; one that was broken off begins anew. */
export async function setUpTensorflow(request: SetupRequest, context: JobContext, replaced: Partial<SetupTools> = {}): Promise<SetupResult> {
  const tools: SetupTools = { tryOut, writesDown: true, ...replaced };
  const folder = folderOf(request.folder);
  const { ways } = await openWays(folder, request);
  const work = beginWork(folder);
  const givenUp: SetupObstacle[] = [];
  try {
    for (const way of ways) {
      try {
        const detail = await goWay(way, folder, work, context, tools);
        orUnwritable(folder, () => writeFileSync(join(folder, readyMark), `${detail}\n`));
        if (tools.writesDown) orUnwritable(folder, () => writeDown(folder));
        return { folder, way: way.id, detail, diskBytes: bytesBelow(folder), givenUp };
      } catch (thrown) {
        const error = toWhylightError(thrown);
        if (error.code === "cancelled" || error.code === "outputUnwritable" || way === ways.at(-1)) throw error;
        givenUp.push(obstacleOf(way.id, error));
      }
    }
    throw new WhylightError("internal", { reason: "no way was tried" });
  } finally {
    work.end();
  }
}

/** Removes what a set-up wrote, finished or not. */
export function removeTensorflow(given: string | undefined): { readonly folder: string; readonly bytes: number } {
  const folder = folderOf(given);
  const bytes = clearFolder(folder);
  orUnwritable(folder, () => forget(folder));
  return { folder, bytes };
}

/** The ways that are open, in their order. Whoever names a Python or a package has chosen. Throws the last obstacle when there is none. */
async function openWays(folder: string, request: SetupRequest): Promise<{ readonly ways: readonly Way[]; readonly obstacles: readonly SetupObstacle[] }> {
  const makers: readonly (readonly [SetupWayId, () => Way | Promise<Way>])[] = [
    ...(request.python === undefined && request.package === undefined ? [["official", () => officialWay(folder)] as const] : []),
    ["python", () => pythonWay(folder, request)],
  ];
  const [ways, obstacles]: [Way[], SetupObstacle[]] = [[], []];
  let last: WhylightError | undefined;
  for (const [id, make] of makers) {
    try {
      ways.push(await make());
    } catch (thrown) {
      last = toWhylightError(thrown);
      obstacles.push(obstacleOf(id, last));
    }
  }
  if (ways.length === 0) throw last!;
  return { ways, obstacles };
}

/** Goes one way to its end. Returns what runs. */
async function goWay(way: Way, folder: string, work: Work, { signal, onSetup }: JobContext, tools: SetupTools): Promise<string> {
  const isOpen = (step: Step) => !isDone(step, folder);
  checkRoom(folder, way.steps.filter(isOpen).reduce((sum, { diskBytes, downloadBytes }) => sum + diskBytes + downloadBytes, 0));
  const packageFile = join(folder, "package.json");
  if (!existsSync(packageFile)) orUnwritable(packageFile, () => writeFileSync(packageFile, '{ "private": true }\n'));
  orUnwritable(folder, () => rmSync(join(folder, readyMark), { force: true }));
  const count = way.steps.length + 1;

  const during = async <Result>(step: SetupStep, index: number, action: (run: ReturnType<typeof stepTools>) => Promise<Result>): Promise<Result> => {
    throwIfCancelled(signal);
    const begun = performance.now();
    const tell = (state: "begun" | "working" | "done" | "failed", line = "") => onSetup?.({ way: way.id, step, index, count, state, line, seconds: (performance.now() - begun) / 1000 });
    tell("begun");
    try {
      const result = await action(stepTools({ folder, signal, onLine: (line) => tell("working", line), onStart: (pid) => work.running(pid) }));
      tell("done");
      return result;
    } catch (thrown) {
      tell("failed", toWhylightError(thrown).message);
      throw thrown;
    }
  };

  for (const [index, step] of way.steps.entries()) {
    if (!isOpen(step)) {
      onSetup?.({ way: way.id, step: shown(step, folder), index, count, state: "kept", line: "", seconds: 0 });
      continue;
    }
    // What was built on the old result is no longer good.
    for (const { id } of way.steps.slice(index)) mark(folder, id, undefined);
    await during(shown(step, folder), index, (run) => step.run(run));
    mark(folder, step.id, step.doneWith);
  }
  return during(trialStep, count - 1, (run) => tools.tryOut(run, way.package));
}

const trialStep: SetupStep = { id: "trial", facts: {}, downloadBytes: 0, diskBytes: 0, isDone: false };

const isDone = (step: Step, folder: string): boolean => readMarks(folder)[step.id] === step.doneWith && step.hasResult();

const shown = (step: Step, folder: string): SetupStep => ({ id: step.id, facts: step.facts, downloadBytes: step.downloadBytes, diskBytes: step.diskBytes, isDone: isDone(step, folder) });

const obstacleOf = (way: SetupWayId, { code, data }: WhylightError): SetupObstacle => ({ way, code, data });
