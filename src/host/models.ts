/** @file Which model explains an image or a text: chosen by hand, set in the workspace, the only one there is, or asked for; what is chosen is remembered per folder. */
import * as path from "node:path";
import * as vscode from "vscode";
import { WhylightError } from "../engine/errors.js";
import { folderText } from "./images.js";
import { modelFormats } from "../engine/importers/importedModel.js";
import { bytesText } from "../protocol/bytesText.js";
import { modelEndings, modelLabel } from "../protocol/modelNames.js";
import type { ModelCard } from "../protocol/models.js";
import { modelsOfKind, readableModels, type ModelKind } from "./modelKinds.js";
import { cardsOrNames } from "./models/foundModels.js";
import { reportFailure, translate, type Services } from "./services.js";
import { readSettings } from "./settings.js";
import { problemText } from "./texts.js";

/** What a model is wanted for. Each is remembered for itself: the model that explains images need not be the one whose attention over images is looked at. */
export type ModelPurpose = ModelKind | "attention";

type Use = Pick<Services, "context" | "worker" | "found" | "log">;

/** Models that are opened to see which have attention; with more, people choose. */
const inspectLimit = 12;

/** The folder a file belongs to; files from elsewhere count to the first folder. */
function folderOf(resource: vscode.Uri | undefined): vscode.WorkspaceFolder | undefined {
  return (resource && vscode.workspace.getWorkspaceFolder(resource)) ?? vscode.workspace.workspaceFolders?.[0];
}

const keys: Readonly<Record<ModelPurpose, string>> = { image: "model", text: "textModel", attention: "attentionModel" };
const keyOf = (purpose: ModelPurpose, folder: vscode.WorkspaceFolder | undefined) => `${keys[purpose]}:${folder?.uri.toString() ?? ""}`;
const kindFor = (purpose: ModelPurpose): ModelKind => (purpose === "text" ? "text" : "image");

const chosenNow = new vscode.EventEmitter<void>();
/** Tells that a model was chosen for something. */
export const onDidChooseModel = chosenNow.event;

/** Remembers the model for the folder of `resource`. */
export async function rememberModel(state: vscode.Memento, resource: vscode.Uri | undefined, model: vscode.Uri, purpose: ModelPurpose): Promise<void> {
  await state.update(keyOf(purpose, folderOf(resource)), model.toString());
  chosenNow.fire();
}

/** What each model of a folder is chosen for: by hand, or by the settings. */
export async function chosenModels(state: vscode.Memento, folder: vscode.Uri | undefined): Promise<Readonly<Partial<Record<ModelPurpose, string>>>> {
  const purposes = Object.keys(keys) as ModelPurpose[];
  const chosen = await Promise.all(purposes.map((purpose) => chosenModel(state, folder, purpose)));
  return Object.fromEntries(purposes.flatMap((purpose, i) => { const model = chosen[i]; return model ? [[purpose, model.fsPath]] : []; }));
}

/** The remembered model of the folder of `resource`, while its file exists; else the one that the settings name. */
async function chosenModel(state: vscode.Memento, resource: vscode.Uri | undefined, purpose: ModelPurpose): Promise<vscode.Uri | undefined> {
  const folder = folderOf(resource);
  const stored = state.get<string>(keyOf(purpose, folder));
  const remembered = stored === undefined ? undefined : vscode.Uri.parse(stored);
  if (remembered && (await exists(remembered))) return remembered;
  const { model, textModel } = readSettings(folder?.uri);
  const set = { image: model, text: textModel, attention: "" }[purpose];
  if (set === "") return undefined;
  const file = path.isAbsolute(set) || !folder ? vscode.Uri.file(set) : vscode.Uri.joinPath(folder.uri, set);
  return (await exists(file)) ? file : undefined;
}

/** The model for an image or a text: the chosen one, the only one, or the one picked now. `undefined` when nobody picked. */
export async function modelFor(use: Use, resource: vscode.Uri, purpose: ModelPurpose): Promise<vscode.Uri | undefined> {
  const state = use.context.workspaceState;
  const chosen = await chosenModel(state, resource, purpose);
  if (chosen) return chosen;
  const all = await findModels(use, resource, kindFor(purpose));
  const found = readableModels(all);
  if (found.length === 1) return uriOf(found[0]!);
  if (purpose !== "attention" || found.length === 0 || found.length > inspectLimit) return pickModel(use, resource, purpose, all);
  const attentive = await withAttention(use, found);
  if (attentive.length === 1) return uriOf(attentive[0]!);
  const explaining = await chosenModel(state, resource, "image");
  const same = attentive.find((model) => model.path === explaining?.fsPath);
  return same ? uriOf(same) : pickModel(use, resource, purpose, attentive.length > 0 ? attentive : all);
}

/** Asks for a model among those of the workspace, or for a file or folder, and remembers it. `undefined` when nobody picked. */
export async function pickModel(use: Use, resource: vscode.Uri | undefined, purpose: ModelPurpose, known?: readonly ModelCard[]): Promise<vscode.Uri | undefined> {
  const state = use.context.workspaceState;
  const models = known ?? (await findModels(use, resource, kindFor(purpose)));
  const picked = models.length === 0 ? await offerBrowse(use, purpose) : await pickAmong(use, models, purpose, await chosenModel(state, resource, purpose));
  if (picked) await rememberModel(state, resource, picked, purpose);
  return picked;
}

/** The models of a kind in the folder of `resource`; where it has none at all, in the whole workspace. */
export async function findModels({ found, log }: Use, resource: vscode.Uri | undefined, kind: ModelKind): Promise<readonly ModelCard[]> {
  const folder = folderOf(resource);
  const inFolder = folder ? await cardsOrNames(found, folder, log) : [];
  const isWhole = folder !== undefined && vscode.workspace.workspaceFolders?.length === 1;
  return modelsOfKind(inFolder.length > 0 || isWhole ? inFolder : await cardsOrNames(found, undefined, log), kind);
}

const uriOf = ({ path: file }: ModelCard) => vscode.Uri.file(file);

/** Those whose attention can be looked at. A model that cannot be read is left out: it is said why when it is chosen. */
async function withAttention({ worker }: Use, models: readonly ModelCard[]): Promise<ModelCard[]> {
  const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Whylight: looking for models with attention") };
  return vscode.window.withProgress(options, async () => {
    const layers = models.map((model) => worker.call("inspectModel", { model: model.path }).then((summary) => summary.attentionLayers, () => 0));
    const counts = await Promise.all(layers);
    return models.filter((_, i) => (counts[i] ?? 0) > 0);
  });
}

async function offerBrowse(use: Use, purpose: ModelPurpose): Promise<vscode.Uri | undefined> {
  const [file, folder, get] = [vscode.l10n.t("Choose a file…"), vscode.l10n.t("Choose a folder…"), vscode.l10n.t("Get a model…")];
  const missing = purpose === "text"
    ? vscode.l10n.t("There is no model for texts in this workspace: an ONNX or safetensors file, or a Hugging Face folder, with its tokenizer (tokenizer.json or vocab.txt) beside it.")
    : vscode.l10n.t("There is no model in this workspace: an ONNX, safetensors, PyTorch, Keras or TensorFlow file, or a Hugging Face folder.");
  const pressed = await vscode.window.showInformationMessage(missing, file, folder, get);
  if (pressed === get) await vscode.commands.executeCommand("whylight.downloadModel");
  return pressed === file || pressed === folder ? browseModel(use, pressed === folder) : undefined;
}

type Item = vscode.QuickPickItem & { readonly model?: ModelCard; readonly isFolder?: boolean };

async function pickAmong(use: Use, models: readonly ModelCard[], purpose: ModelPurpose, current: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const items: Item[] = models.map((model) => ({ model, ...modelItem(model, model.path === current?.fsPath) }));
  items.push({ label: "", kind: vscode.QuickPickItemKind.Separator }, { label: vscode.l10n.t("Choose a file…"), isFolder: false }, { label: vscode.l10n.t("Choose a folder…"), isFolder: true });
  const placeHolder = {
    image: vscode.l10n.t("The model that explains this folder's images; kept until you choose another"),
    text: vscode.l10n.t("The model that explains this folder's texts; kept until you choose another"),
    attention: vscode.l10n.t("The model whose attention over this folder's images is shown; kept until you choose another"),
  }[purpose];
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Whylight: Choose a Model"), placeHolder, matchOnDescription: true });
  if (picked?.model) return uriOf(picked.model);
  return picked && browseModel(use, picked.isFolder === true);
}

/** How a model looks in a list of questions: its file's name, or what people call it where every such file has that name. */
export function modelItem(model: ModelCard, isCurrent: boolean): vscode.QuickPickItem {
  const facts = [folderText(uriOf(model)), modelFormats[model.format], ...(model.bytes > 0 ? [bytesText(model.bytes)] : [])].filter((text) => text !== "").join(" · ");
  const problem = model.problem && problemText(model.problem, translate);
  const detail = problem ?? (isCurrent ? vscode.l10n.t("Current model") : undefined);
  return { label: modelLabel(model.path), description: facts, ...(detail === undefined ? {} : { detail }) };
}

async function browseModel({ found, log }: Use, isFolder: boolean): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Choose a Model"), openLabel: vscode.l10n.t("Choose"), canSelectFiles: !isFolder, canSelectFolders: isFolder,
    ...(isFolder ? {} : { filters: { [vscode.l10n.t("Models")]: [...modelEndings, "json", "pb"] } }),
  });
  return picked?.[0] && modelIn({ found, log }, picked[0]);
}

/** The model at a place that somebody chose; a folder without one is told of. */
export async function modelIn({ found, log }: Pick<Use, "found" | "log">, place: vscode.Uri): Promise<vscode.Uri | undefined> {
  try {
    const model = await found.modelAt(place);
    if (model) return model;
    throw new WhylightError("modelFolderUnknown", { path: place.fsPath });
  } catch (thrown) {
    await reportFailure(log, thrown);
    return undefined;
  }
}

async function exists(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
