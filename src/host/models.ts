/** @file Which model explains an image or a text: chosen by hand, set in the workspace, the only one there is, or asked for; what is chosen is remembered per folder. */
import * as path from "node:path";
import * as vscode from "vscode";
import { folderText } from "./images.js";
import { modelKind, modelsOfKind, tokenizerFiles, type ModelKind } from "./modelKinds.js";
import type { Services } from "./services.js";
import { readSettings } from "./settings.js";

/** What a model is wanted for. Each is remembered for itself: the model that explains images need not be the one whose attention over images is looked at. */
export type ModelPurpose = ModelKind | "attention";

type Use = Pick<Services, "context" | "worker">;

const excluded = "**/{node_modules,.git}/**";
const findLimit = 500;
/** Models that are opened to see which have attention; with more, people choose. */
const inspectLimit = 12;

/** The folder a file belongs to; files from elsewhere count to the first folder. */
function folderOf(resource: vscode.Uri | undefined): vscode.WorkspaceFolder | undefined {
  return (resource && vscode.workspace.getWorkspaceFolder(resource)) ?? vscode.workspace.workspaceFolders?.[0];
}

const keys: Readonly<Record<ModelPurpose, string>> = { image: "model", text: "textModel", attention: "attentionModel" };
const keyOf = (purpose: ModelPurpose, folder: vscode.WorkspaceFolder | undefined) => `${keys[purpose]}:${folder?.uri.toString() ?? ""}`;
const kindFor = (purpose: ModelPurpose): ModelKind => (purpose === "text" ? "text" : "image");

/** Remembers the model for the folder of `resource`. */
export async function rememberModel(state: vscode.Memento, resource: vscode.Uri | undefined, model: vscode.Uri, purpose: ModelPurpose): Promise<void> {
  await state.update(keyOf(purpose, folderOf(resource)), model.toString());
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
  const found = await findModels(resource, kindFor(purpose));
  if (found.length === 1) return found[0];
  if (purpose !== "attention" || found.length === 0 || found.length > inspectLimit) return pickModel(state, resource, purpose, found);
  const attentive = await withAttention(use, found);
  if (attentive.length === 1) return attentive[0];
  const explaining = await chosenModel(state, resource, "image");
  return attentive.find((model) => model.toString() === explaining?.toString()) ?? pickModel(state, resource, purpose, attentive.length > 0 ? attentive : found);
}

/** Asks for a model among those of the workspace, or for a file, and remembers it. `undefined` when nobody picked. */
export async function pickModel(state: vscode.Memento, resource: vscode.Uri | undefined, purpose: ModelPurpose, known?: readonly vscode.Uri[]): Promise<vscode.Uri | undefined> {
  const models = known ?? (await findModels(resource, kindFor(purpose)));
  const picked = models.length === 0 ? await offerBrowse(purpose) : await pickAmong(models, purpose, await chosenModel(state, resource, purpose));
  if (picked) await rememberModel(state, resource, picked, purpose);
  return picked;
}

/** The kind of one model, by the files around it. */
export async function kindOfModel(model: vscode.Uri): Promise<ModelKind> {
  const near = ["..", "../.."].flatMap((folder) => tokenizerFiles.map((name) => vscode.Uri.joinPath(model, folder, name)));
  const there = await Promise.all(near.map(exists));
  return modelKind(model.path, near.filter((_, i) => there[i]).map((file) => file.path));
}

/** The models of a kind in the folder of `resource`; where it has none at all, in the whole workspace. */
export async function findModels(resource: vscode.Uri | undefined, kind: ModelKind): Promise<readonly vscode.Uri[]> {
  const folder = folderOf(resource);
  const inFolder = folder ? await vscode.workspace.findFiles(new vscode.RelativePattern(folder, "**/*.onnx"), excluded, findLimit) : [];
  const found = inFolder.length > 0 ? inFolder : await vscode.workspace.findFiles("**/*.onnx", excluded, findLimit);
  const tokenizers = await vscode.workspace.findFiles(`**/{${tokenizerFiles.join(",")}}`, excluded, findLimit);
  return modelsOfKind(found, tokenizers.map((file) => file.path), kind).toSorted((a, b) => a.path.localeCompare(b.path));
}

/** Those whose attention can be looked at. A model that cannot be read is left out: it is said why when it is chosen. */
async function withAttention({ worker }: Use, models: readonly vscode.Uri[]): Promise<vscode.Uri[]> {
  const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Whylight: looking for models with attention") };
  return vscode.window.withProgress(options, async () => {
    const layers = models.map((model) => worker.call("inspectModel", { model: model.fsPath }).then((summary) => summary.attentionLayers, () => 0));
    const counts = await Promise.all(layers);
    return models.filter((_, i) => (counts[i] ?? 0) > 0);
  });
}

async function offerBrowse(purpose: ModelPurpose): Promise<vscode.Uri | undefined> {
  const browse = vscode.l10n.t("Choose a file…");
  const missing = purpose === "text"
    ? vscode.l10n.t("There is no model for texts in this workspace: an ONNX file (.onnx) with its tokenizer (tokenizer.json or vocab.txt) beside it.")
    : vscode.l10n.t("There is no ONNX model (.onnx) in this workspace.");
  return (await vscode.window.showInformationMessage(missing, browse)) === browse ? browseModel() : undefined;
}

async function pickAmong(models: readonly vscode.Uri[], purpose: ModelPurpose, current: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  type Item = vscode.QuickPickItem & { readonly model?: vscode.Uri };
  const items: Item[] = models.map((model) => ({
    model,
    label: path.basename(model.fsPath),
    description: folderText(model),
    ...(model.toString() === current?.toString() ? { detail: vscode.l10n.t("Current model") } : {}),
  }));
  items.push({ label: "", kind: vscode.QuickPickItemKind.Separator }, { label: vscode.l10n.t("Choose a file…") });
  const placeHolder = {
    image: vscode.l10n.t("The model that explains this folder's images; kept until you choose another"),
    text: vscode.l10n.t("The model that explains this folder's texts; kept until you choose another"),
    attention: vscode.l10n.t("The model whose attention over this folder's images is shown; kept until you choose another"),
  }[purpose];
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Whylight: Choose a Model"), placeHolder, matchOnDescription: true });
  return picked && (picked.model ?? browseModel());
}

async function browseModel(): Promise<vscode.Uri | undefined> {
  const files = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Choose a Model"), openLabel: vscode.l10n.t("Choose"), filters: { [vscode.l10n.t("ONNX models")]: ["onnx"] },
  });
  return files?.[0];
}

async function exists(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
