/** @file `whylight download`: a model from a hub into a folder. */
import { WhylightError } from "../engine/errors.js";
import { bytesText } from "../protocol/bytesText.js";
import type { HubFile, HubListing, HubModel } from "../protocol/download.js";
import { downloadTexts } from "../protocol/downloadTexts.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { askOnTerminal } from "./consent.js";
import { interrupted, runStoppable } from "./stoppable.js";
import { alignColumns, type Terminal } from "./terminal.js";

export interface DownloadOptions extends Omit<HubModel, "name"> {
  /** Where the model's folder goes; `undefined` calls it after the model, in the current folder. */
  readonly out: string | undefined;
  /** Only list the files. */
  readonly list: boolean;
  /** Load without asking. */
  readonly yes: boolean;
  readonly json: boolean;
}

/** Shows what would be loaded, asks, and loads it. Returns the exit code: 0, 1 when something failed, 130 when it was stopped. */
export async function runDownload(name: string, { out: folder, list, yes, json, ...hub }: DownloadOptions, terminal: Terminal, jobs: Jobs = createJobs(), ask: (question: string) => Promise<boolean> = askOnTerminal): Promise<number> {
  const { out, err, translate } = terminal;
  const place = folder ?? name.split("/").at(-1)!;
  const stopped = () => translate("Stopped. What was loaded is kept in {folder}; the same command goes on.", { folder: place });
  return runStoppable(terminal, ["SIGINT"], stopped, async (signal) => {
    const listing = await jobs.listHubModel({ name, ...hub }, { signal });
    const files = listing.files.filter(({ isNeeded }) => isNeeded);
    if (json && list) out(JSON.stringify(listing, undefined, 2));
    else for (const line of listingLines(listing, list ? listing.files : files, terminal)) (json ? err : out)(line);
    if (list) return 0;
    if (files.length === 0) throw new WhylightError("modelFolderUnknown", { path: `${hub.endpoint}/${name}` });
    if (!yes && !(await ask(translate("Load these {count} files ({size}) into {folder}? [y/N] ", { count: files.length, size: sizeOf(files), folder: place })))) return interrupted;
    const { model, bytes } = await jobs.downloadModel({ name, ...hub, commit: listing.commit, files, folder: place }, {
      signal, onDownload: ({ file, done, total }) => terminal.progress("reading", `${file} · ${bytesText(done)} / ${bytesText(total)}`),
    });
    if (json) out(JSON.stringify({ model, bytes, commit: listing.commit, license: listing.license ?? null }, undefined, 2));
    else out(translate("Loaded: {model}. Next: whylight inspect {folder}", { model, folder: place }));
    return 0;
  });
}

function listingLines({ name, commit, license, task, isGated }: HubListing, files: readonly HubFile[], { translate }: Terminal): string[] {
  const facts = [commit.slice(0, 12), ...(task === undefined ? [] : [task]), license === undefined ? translate(downloadTexts.noLicense) : translate(downloadTexts.license, { license }), ...(isGated ? [translate("needs permission")] : [])];
  return [`${name} · ${facts.join(" · ")}`, ...alignColumns(files.map(({ path, bytes, isNeeded }) => [path, bytesText(bytes), isNeeded ? "" : translate("not needed")]), [1]).map((line) => `  ${line}`)];
}

const sizeOf = (files: readonly HubFile[]) => bytesText(files.reduce((sum, { bytes }) => sum + bytes, 0));
