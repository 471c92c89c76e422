/** @file What is said of setting up TensorFlow, in the editor and in the terminal, in English: each the key of its translation. */
import { bytesText } from "./bytesText.js";
import { errorTexts } from "./errorTexts.js";
import type { Translate } from "./reportTexts.js";
import type { SetupObstacle, SetupPlan, SetupStep, SetupStepId, SetupWayId } from "./setup.js";

const stepTitles: Readonly<Record<SetupStepId, string>> = {
  package: "npm loads {package}",
  official: "its install script loads TensorFlow {version} and a finished binding",
  environment: "{python} makes an environment of its own",
  wheel: "pip loads {package}",
  binding: "{compiler} compiles the binding for {tensorflow}",
  trial: "a small gradient is computed, to see whether it works",
};

const wayTitles: Readonly<Record<SetupWayId, string>> = {
  official: "The official package with its own TensorFlow",
  python: "TensorFlow of a Python environment",
};

const sentences = {
  sizes: "{download} to load, {disk} on the disk", onDisk: "{disk} on the disk", isDone: "done already",
  otherwise: "If that does not work: {way}", place: "Everything goes into {folder} ({free} free) and can be removed again.", closed: "{way} is not possible: {reason}", givenUp: "{way} did not work: {reason}",
} as const;

/** Every text of this file, for the test of translations. */
export const setupTexts: readonly string[] = [...Object.values(stepTitles), ...Object.values(wayTitles), ...Object.values(sentences)];

export const stepTitle = ({ id, facts }: Pick<SetupStep, "id" | "facts">, say: Translate): string => say(stepTitles[id], facts);

/** What a set-up would do, with sizes, as lines. */
export function planLines(plan: SetupPlan, say: Translate): string[] {
  const closed = plan.obstacles.map((obstacle) => obstacleText(obstacle, say, sentences.closed));
  const open = plan.ways.flatMap(({ id, steps }, at) => [
    ...(at === 0 && closed.length === 0 ? [] : [""]),
    `${at === 0 ? say(wayTitles[id]) : say(sentences.otherwise, { way: say(wayTitles[id]) })}:`,
    ...steps.map((step, i) => `  ${i + 1}. ${stepTitle(step, say)}${effort(step, say)}`),
  ]);
  return [...closed, ...open, "", say(sentences.place, { folder: plan.folder, free: bytesText(plan.freeBytes) })];
}

/** Why a way was given up, in one line. */
export function obstacleText({ way, code, data }: SetupObstacle, say: Translate, sentence: string = sentences.givenUp): string {
  return say(sentence, { way: say(wayTitles[way]), reason: say(errorTexts[code].text, data) });
}

function effort({ isDone, downloadBytes, diskBytes }: SetupStep, say: Translate): string {
  if (isDone) return ` (${say(sentences.isDone)})`;
  if (downloadBytes > 0) return ` (${say(sentences.sizes, { download: bytesText(downloadBytes), disk: bytesText(diskBytes) })})`;
  return diskBytes > 0 ? ` (${say(sentences.onDisk, { disk: bytesText(diskBytes) })})` : "";
}
