/** @file The view "Models": the models of each workspace folder, the chosen ones marked, with their facts below. Nothing is looked for before the view is seen. */
import { sep } from "node:path";
import * as vscode from "vscode";
import { toWhylightError } from "../../engine/errors.js";
import type { ModelSummary } from "../../protocol/api.js";
import { besideNames } from "../../protocol/modelNames.js";
import type { ModelCard } from "../../protocol/models.js";
import { chosenModels, onDidChooseModel, type ModelPurpose } from "../models.js";
import { logFailure, translate, type Services } from "../services.js";
import { readSettings } from "../settings.js";
import { problemText } from "../texts.js";
import { modelGlobs } from "./foundModels.js";
import { factNodes, hoverLines, rowOf, type ModelNode } from "./modelRows.js";

const viewId = "whylight.models";
/** Files that are copied change many times. */
const quietMs = 400;

export interface ModelsView {
  /** Looks for models again. */
  refresh(): void;
}

/** The view, with the watcher that keeps it true while it is seen. */
export function createModelsView(services: Services): ModelsView {
  const { context, worker, found, log } = services;
  const changed = new vscode.EventEmitter<ModelNode | undefined>();
  /** Summaries by path, until anything changes. */
  const summaries = new Map<string, Promise<ModelSummary>>();
  /** The models that the view shows. */
  let shown: readonly string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStale = false;

  const problem = (thrown: unknown): ModelNode[] => {
    const error = toWhylightError(thrown);
    if (error.code !== "workspaceUntrusted") logFailure(log, error);
    return [{ kind: "problem", text: problemText(error, translate) }];
  };
  const summaryOf = (card: ModelCard) => {
    const known = summaries.get(card.path) ?? worker.call("inspectModel", { model: card.path });
    summaries.set(card.path, known);
    known.catch(() => summaries.delete(card.path));
    return known;
  };

  async function modelsOf(folder: vscode.WorkspaceFolder): Promise<ModelNode[]> {
    try {
      const [cards, chosen] = await Promise.all([found.cards(folder), chosenModels(context.workspaceState, folder.uri)]);
      const purposes = Object.entries(chosen) as [ModelPurpose, string][];
      return cards.map((card) => ({ kind: "model", card, chosenFor: purposes.filter(([, path]) => path === card.path).map(([purpose]) => purpose) }));
    } catch (thrown) {
      return problem(thrown);
    }
  }

  async function roots(): Promise<ModelNode[]> {
    const folders = vscode.workspace.workspaceFolders ?? [];
    const lists = await Promise.all(folders.map(modelsOf));
    shown = lists.flat().flatMap((node) => (node.kind === "model" ? [node.card.path] : []));
    if (folders.length <= 1) return lists.flat();
    return folders.flatMap((folder, i): ModelNode[] => (lists[i]!.length > 0 ? [{ kind: "folder", name: folder.name, folder: folder.uri.toString() }] : []));
  }

  async function childrenOf(node: ModelNode): Promise<ModelNode[]> {
    if (node.kind === "folder") {
      const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === node.folder);
      return folder ? modelsOf(folder) : [];
    }
    if (node.kind !== "model") return [];
    // What shows at once is said without opening the model.
    if (node.card.problem) return [{ kind: "problem", text: problemText(node.card.problem, translate) }];
    return summaryOf(node.card).then((summary) => factNodes(node.card, summary, translate), problem);
  }

  const view = vscode.window.createTreeView(viewId, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: itemOf,
      getChildren: (node?: ModelNode) => (node ? childrenOf(node) : roots()),
      resolveTreeItem: async (item: vscode.TreeItem, node: ModelNode) => {
        if (node.kind !== "model") return item;
        const summary = node.card.problem ? undefined : await summaryOf(node.card).catch(() => undefined);
        item.tooltip = hoverLines(node.card, summary, readSettings(vscode.Uri.file(node.card.path)).runtime, translate).join("\n");
        return item;
      },
    },
  });

  function refresh(): void {
    summaries.clear();
    isStale = false;
    changed.fire(undefined);
  }
  /** Once for many changes, and not while nobody looks. */
  function refreshSoon(): void {
    isStale = true;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (view.visible) refresh();
    }, quietMs);
  }

  const watchers = [...modelGlobs, `**/{${besideNames.join(",")},*.whylight.json}`].map((glob) => vscode.workspace.createFileSystemWatcher(glob));
  /** Whole folders that come and go are one event, which names no file in them. */
  const folders = vscode.workspace.createFileSystemWatcher("**", false, true, false);
  const folderCame = async (place: vscode.Uri) => {
    const { type } = await vscode.workspace.fs.stat(place);
    if ((type & vscode.FileType.Directory) !== 0) refreshSoon();
  };
  const folderWent = (place: vscode.Uri) => {
    if (shown.some((path) => path.startsWith(`${place.fsPath}${sep}`))) refreshSoon();
  };

  context.subscriptions.push(
    folders, folders.onDidCreate((place) => void folderCame(place).catch(() => {})), folders.onDidDelete(folderWent),
    view, changed, ...watchers, ...watchers.flatMap((watcher) => [watcher.onDidCreate(refreshSoon), watcher.onDidChange(refreshSoon), watcher.onDidDelete(refreshSoon)]),
    view.onDidChangeVisibility(({ visible }) => {
      if (visible && isStale) refresh();
    }),
    onDidChooseModel(() => changed.fire(undefined)),
    vscode.workspace.onDidChangeWorkspaceFolders(refreshSoon), vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("whylight.model") || change.affectsConfiguration("whylight.textModel")) changed.fire(undefined);
    }),
    { dispose: () => clearTimeout(timer) },
  );
  return { refresh };
}

function itemOf(node: ModelNode): vscode.TreeItem {
  const row = rowOf(node, translate);
  const state = node.kind === "folder" ? vscode.TreeItemCollapsibleState.Expanded : node.kind === "model" ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None;
  const item = new vscode.TreeItem(row.label, state);
  item.description = row.description;
  item.contextValue = row.context;
  item.accessibilityInformation = { label: row.spoken };
  if (row.id !== undefined) item.id = row.id;
  if (row.tooltip !== undefined) item.tooltip = row.tooltip;
  if (row.icon !== undefined) item.iconPath = new vscode.ThemeIcon(row.icon);
  if (row.command) item.command = { command: row.command.id, title: row.command.title, arguments: [row.command.model] };
  return item;
}
