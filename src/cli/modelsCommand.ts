/** @file `whylight models`: the models below a folder, told without reading a weight. */
import { relative, resolve } from "node:path";
import { WhylightError } from "../engine/errors.js";
import { modelFormats } from "../engine/importers/importedModel.js";
import { bytesText } from "../protocol/bytesText.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { findModelFiles } from "../worker/models/findModelFiles.js";
import { alignColumns, cut, describeFailure, type Terminal } from "./terminal.js";

/** Prints a line per model. Returns the exit code: 0, or 1 where there is none. Throws `modelNotFound` where there is no such folder. */
export async function runModels(folder: string, json: boolean, { out, err, translate }: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const cards = await jobs.identifyModels(findModelFiles(resolve(folder)));
  if (json) out(JSON.stringify(cards, undefined, 2));
  else if (cards.length === 0) err(translate("No model was found in {folder}.", { folder }));
  else {
    const head = [translate("Model"), translate("Format"), translate("Size"), translate("For"), translate("Architecture"), translate("File")];
    const purposes = { image: translate("images"), text: translate("texts") };
    const rows = cards.map(({ title, format, bytes, purpose, architecture, path }) => [
      cut(title, 40), modelFormats[format], bytesText(bytes), purpose === undefined ? "–" : purposes[purpose], cut(architecture ?? "–", 40), relative(resolve(folder), path),
    ]);
    for (const line of alignColumns([head, ...rows], [2])) out(line);
    for (const { problem } of cards) {
      if (!problem) continue;
      const { text, next } = describeFailure(new WhylightError(problem.code, problem.data), translate);
      err(`${text} ${next}`);
    }
  }
  return cards.length > 0 ? 0 : 1;
}
