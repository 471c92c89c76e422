/** @file Which model explains an image: found in the workspace, asked for once, remembered per folder. */
import * as path from "node:path";
import * as vscode from "vscode";
import { folderText } from "./images.js";

const excluded = "**/{node_modules,.git}/**";
const findLimit = 500;

/** The folder an image belongs to; images from elsewhere count to the first folder. */
function folderOf(resource: vscode.Uri | undefined): vscode.WorkspaceFolder | undefined {
  return (resource && vscode.workspace.getWorkspaceFolder(resource)) ?? vscode.workspace.workspaceFolders?.[0];
}

function keyOf(folder: vscode.WorkspaceFolder | undefined): string {
  return `model:${folder?.uri.toString() ?? ""}`;
}

/** Remembers the model for the folder of `resource`. */
export async function rememberModel(state: vscode.Memento, resource: vscode.Uri | undefined, model: vscode.Uri): Promise<void> {
  await state.update(keyOf(folderOf(resource)), model.toString());
}

/** The remembered model of the folder of `resource`, while its file exists. */
async function rememberedModel(state: vscode.Memento, resource: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const stored = state.get<string>(keyOf(folderOf(resource)));
  if (stored === undefined) return undefined;
  const model = vscode.Uri.parse(stored);
  return (await exists(model)) ? model : undefined;
}

/** The model for an image: the remembered one, the only one, or the one picked now. `undefined` when nobody picked. */
export async function modelFor(state: vscode.Memento, image: vscode.Uri): Promise<vscode.Uri | undefined> {
  const remembered = await rememberedModel(state, image);
  if (remembered) return remembered;
  const found = await findModels(image);
  return found.length === 1 ? found[0] : pickModel(state, image, found);
}

/** Asks for a model among those of the workspace, or for a file, and remembers it. `undefined` when nobody picked. */
export async function pickModel(state: vscode.Memento, resource: vscode.Uri | undefined, known?: vscode.Uri[]): Promise<vscode.Uri | undefined> {
  const models = known ?? (await findModels(resource));
  const picked = models.length === 0 ? await offerBrowse() : await pickAmong(models, await rememberedModel(state, resource));
  if (picked) await rememberModel(state, resource, picked);
  return picked;
}

async function findModels(resource: vscode.Uri | undefined): Promise<vscode.Uri[]> {
  const folder = folderOf(resource);
  const inFolder = folder ? await vscode.workspace.findFiles(new vscode.RelativePattern(folder, "**/*.onnx"), excluded, findLimit) : [];
  const found = inFolder.length > 0 ? inFolder : await vscode.workspace.findFiles("**/*.onnx", excluded, findLimit);
  return found.toSorted((a, b) => a.path.localeCompare(b.path));
}

async function offerBrowse(): Promise<vscode.Uri | undefined> {
  const browse = vscode.l10n.t("Choose a file…");
  const answer = await vscode.window.showInformationMessage(vscode.l10n.t("There is no ONNX model (.onnx) in this workspace."), browse);
  return answer === browse ? browseModel() : undefined;
}

async function pickAmong(models: readonly vscode.Uri[], current: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  type Item = vscode.QuickPickItem & { readonly model?: vscode.Uri };
  const items: Item[] = models.map((model) => ({
    model,
    label: path.basename(model.fsPath),
    description: folderText(model),
    ...(model.toString() === current?.toString() ? { detail: vscode.l10n.t("Current model") } : {}),
  }));
  items.push({ label: "", kind: vscode.QuickPickItemKind.Separator }, { label: vscode.l10n.t("Choose a file…") });
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Whylight: Choose a Model"), placeHolder: vscode.l10n.t("The model that explains this folder's images; kept until you choose another"), matchOnDescription: true,
  });
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
