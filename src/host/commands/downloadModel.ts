/** @file The commands "Get a Model", which loads one from a hub into the workspace, and "Set Hub Token". */
import * as path from "node:path";
import * as vscode from "vscode";
import { toWhylightError, WhylightError } from "../../engine/errors.js";
import { bytesText } from "../../protocol/bytesText.js";
import type { DownloadProgress, HubListing } from "../../protocol/download.js";
import { parseHubName, type HubName } from "../../protocol/hubName.js";
import { browseFolder } from "../audit/audits.js";
import { askHubToken, hubAccess } from "../download/hubAccess.js";
import { listingDetail, listingTitle, wantedFiles } from "../download/listingText.js";
import { reportFailure, translate, type Services } from "../services.js";
import { withStoppableNotification, type Report } from "../stoppable.js";
import { failureText } from "../texts.js";
import { createRunWorker } from "../workerProcess.js";

/** Where models go, in the workspace folder. */
const home = "models";

/** Asks for a name, shows files, size and licence, and loads what is needed. Cancelled or broken off, it goes on where it was when it is asked again. */
export function downloadModel(services: Services): (given?: unknown) => Promise<void> {
  const { context, log } = services;
  return async (given) => {
    if (!vscode.workspace.isTrusted) return reportFailure(log, new WhylightError("workspaceUntrusted"));
    const { endpoint } = await hubAccess(context);
    const wanted = typeof given === "string" ? parseHubName(given, endpoint) : await askName(endpoint);
    if (!wanted) return undefined;
    // A process of its own: loading takes long, and must not wait for what explains meanwhile.
    const worker = createRunWorker(context, log);
    try {
      const access = async () => ({ ...wanted, ...(await hubAccess(context)) });
      const listing = await withToken(services, async () => {
        const hub = await access();
        return withStoppableNotification(vscode.l10n.t("Whylight: asking {0} for {1}", hub.endpoint, wanted.name), (signal) => worker.call("listHubModel", hub, { signal }));
      });
      if (!listing) return undefined;
      const files = wantedFiles(listing);
      if (files.length === 0) return await reportFailure(log, new WhylightError("modelFolderUnknown", { path: `${endpoint}/${listing.name}` }));
      const folder = await askFolder(listing);
      if (!folder) return undefined;
      const loaded = await withToken(services, async () => {
        const request = { ...(await access()), commit: listing.commit, files, folder: folder.fsPath };
        return withStoppableNotification(vscode.l10n.t("Whylight: getting {0}", listing.name), (signal, report) => {
          const tell = stepsOf(report);
          return worker.call("downloadModel", request, { signal, onProgress: ({ download }) => download && tell(download) });
        });
      });
      if (loaded) await offerUse(vscode.Uri.file(loaded.model), listing.name);
    } catch (thrown) {
      await reportFailure(log, thrown);
    } finally {
      worker.dispose();
    }
    return undefined;
  };
}

export function setHubToken({ context }: Services): () => Promise<void> {
  return async () => void (await askHubToken(context));
}

async function askName(endpoint: string): Promise<HubName | undefined> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Whylight: Get a Model"), placeHolder: "google/vit-base-patch16-224", ignoreFocusOut: true,
    prompt: vscode.l10n.t("The name of a model at {0}, or the address of its page", endpoint),
    validateInput: (text) => (text.trim() === "" || parseHubName(text, endpoint) ? undefined : vscode.l10n.t("A name looks like \"google/vit-base-patch16-224\"; with \"@\" and a revision for another one than main.")),
  });
  return typed === undefined ? undefined : parseHubName(typed, endpoint);
}

/** Where the model goes, after its files, size and licence were seen. `undefined` when nobody agreed. */
async function askFolder(listing: HubListing): Promise<vscode.Uri | undefined> {
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = path.posix.basename(listing.name);
  const [load, choose] = [vscode.l10n.t("Download to {0}", `${home}/${name}`), vscode.l10n.t("Choose a Folder…")];
  const picked = await vscode.window.showInformationMessage(listingTitle(listing, translate), { modal: true, detail: listingDetail(listing, translate) }, ...(workspace ? [load] : []), choose);
  if (picked === load && workspace) return vscode.Uri.joinPath(workspace, home, name);
  const parent = picked === choose ? await browseFolder(vscode.l10n.t("Whylight: Get a Model")) : undefined;
  return parent && vscode.Uri.joinPath(parent, name);
}

/** Runs a step that may need a token; where it does, asks for one and runs it again. `undefined` when it was cancelled or failed, which is told. */
async function withToken<Result>({ context, log }: Services, step: () => Promise<Result>): Promise<Result | undefined> {
  for (;;) {
    try {
      return await step();
    } catch (thrown) {
      const error = toWhylightError(thrown);
      if (error.code !== "hubForbidden" && error.code !== "hubUnknown") {
        await reportFailure(log, error);
        return undefined;
      }
      const token = vscode.l10n.t("Set token…");
      if ((await vscode.window.showErrorMessage(failureText(error, translate), token)) !== token || !(await askHubToken(context))) return undefined;
    }
  }
}

/** A notification counts by what is added to it. */
function stepsOf(report: Report): (progress: DownloadProgress) => void {
  let shown = 0;
  return ({ file, done, total }) => {
    const percent = total === 0 ? 0 : (100 * done) / total;
    report({ message: vscode.l10n.t("{0} of {1} · {2}", bytesText(done), bytesText(total), file), increment: percent - shown });
    shown = percent;
  };
}

async function offerUse(model: vscode.Uri, name: string): Promise<void> {
  const [use, inspect] = [vscode.l10n.t("Use it"), vscode.l10n.t("Inspect")];
  const picked = await vscode.window.showInformationMessage(vscode.l10n.t("{0} is here: {1}", name, vscode.workspace.asRelativePath(model)), use, inspect);
  if (picked === use) await vscode.commands.executeCommand("whylight.useModel", model);
  if (picked === inspect) await vscode.commands.executeCommand("whylight.inspectModel", model);
}
