/** @file All audits that are open or running: one session each, found again instead of opened twice, with its panel, its word in the status bar and its mistakes elsewhere in the editor. */
import * as path from "node:path";
import * as vscode from "vscode";
import { readAuditMemento } from "../../protocol/auditMemento.js";
import type { AuditState } from "../../protocol/audit.js";
import { debugCommand } from "../debug/debugArguments.js";
import type { DebugPanels } from "../debug/debugPanels.js";
import { modelTitle } from "../../protocol/modelNames.js";
import { sessionWorld } from "../panelPage.js";
import { reportFailure, type Services } from "../services.js";
import { createRunWorker } from "../workerProcess.js";
import { createAuditPanel, type AuditPanel } from "./auditPanel.js";
import { createAuditSession, type AuditPlan, type AuditSession } from "./auditSession.js";
import { createAuditStatus, busyText, type AuditStatus } from "./auditStatus.js";
import { auditPlace, findAudits, freePlace } from "./audits.js";
import { createMistakeViews, type MistakeView } from "./mistakeViews.js";

const viewType = "whylight.audit";

export interface OpenAudit {
  readonly audit: vscode.Uri;
  readonly session: AuditSession;
}

export interface AuditPanels {
  /** Shows an audit, in front. */
  open(audit: vscode.Uri): OpenAudit;
  /** Audits a folder, or goes on with it, and shows it. */
  start(audit: vscode.Uri, plan: AuditPlan | undefined, resume: boolean): void;
  /** The audit that has the focus. */
  active(): OpenAudit | undefined;
  /** Shows an audit's mistakes in another view of the editor, or takes them away; the other way round without `on`. */
  showAs(open: OpenAudit, view: MistakeView, on?: boolean): Promise<void>;
}

interface Entry extends OpenAudit {
  readonly status: AuditStatus;
  panel: AuditPanel | undefined;
  /** Of the summary that was shown last. */
  summary: AuditState["summary"];
}

/** The registry, with the serializer that restores panels after a reload. */
export function createAuditPanels(services: Services, debugs: DebugPanels): AuditPanels {
  const entries = new Map<string, Entry>();
  const views = createMistakeViews(services);

  function entryOf(audit: vscode.Uri, plan?: AuditPlan): Entry {
    const key = audit.toString();
    const known = entries.get(key);
    if (known) return known;
    const session: AuditSession = createAuditSession(audit.fsPath, plan, {
      ...sessionWorld(audit, [], services), busyText,
      run: async (request, options) => {
        const worker = createRunWorker(services.context, services.log);
        try {
          return await worker.call("auditFolder", request, options);
        } finally {
          worker.dispose();
        }
      },
      others: async () => (await findAudits()).map(({ folder, name }) => ({ folder: folder.fsPath, name })),
      shownAs: () => views.shown(audit),
      modelName: modelTitle,
      folderName: (folder) => path.basename(folder),
      show: (state) => changed(entry, state),
    });
    const entry: Entry = { audit, session, status: createAuditStatus(audit), panel: undefined, summary: undefined };
    entries.set(key, entry);
    return entry;
  }

  function changed(entry: Entry, state: AuditState): void {
    entry.panel?.show(state);
    entry.status.show(state);
    if (state.summary !== entry.summary) {
      entry.summary = state.summary;
      if (state.summary) views.update(entry.audit, state.summary).catch((thrown: unknown) => reportFailure(services.log, thrown));
    }
    if (entry.panel || state.busy) return;
    leave(entry);
    void tellEnd(entry.audit, state);
  }

  /** Who closed the page while the audit ran hears of its end. */
  async function tellEnd(audit: vscode.Uri, { folderName, summary, failure }: AuditState): Promise<void> {
    const open = vscode.l10n.t("Open Audit");
    const text = failure?.text ?? vscode.l10n.t("The audit of {0} is finished: {1} mistakes in {2} images.", folderName, summary?.mistakes ?? 0, summary?.images ?? 0);
    if ((await vscode.window.showInformationMessage(text, open)) === open) show(audit);
  }

  /** A session without a panel goes as soon as nothing runs. */
  function leave({ audit, session, status }: Entry): void {
    entries.delete(audit.toString());
    session.dispose();
    status.dispose();
  }

  function adopt(panel: vscode.WebviewPanel, entry: Entry): void {
    const { audit, session } = entry;
    const made = createAuditPanel(panel, audit, services, {
      session,
      openImage: (file, as, column) => openImage(entry, file, as, column),
      showAs: (view, on) => void showAs(entry, view, on),
      replace: (plan) => {
        void freePlace(auditPlace(vscode.Uri.file(plan.folder), vscode.Uri.file(plan.model))).then((place) => start(place, plan, false));
        panel.dispose();
      },
    });
    entry.panel = made;
    panel.onDidDispose(() => {
      entry.panel = undefined;
      if (!session.isRunning()) leave(entry);
    });
  }

  function openImage({ audit, session }: Entry, file: string, as: "report" | "image", column: vscode.ViewColumn | undefined): void {
    const { summary } = session.state();
    if (!summary) return;
    const image = vscode.Uri.file(path.join(summary.folder, ...file.split("/")));
    if (as === "image") return void vscode.commands.executeCommand("vscode.open", image);
    void session.judged(file).then((judged) => {
      const model = vscode.Uri.file(summary.model.path);
      return judged ? debugs.open({ image, model, among: audit }, judged, column) : vscode.commands.executeCommand(debugCommand, image);
    }).catch((thrown: unknown) => reportFailure(services.log, thrown));
  }

  function front(audit: vscode.Uri, plan?: AuditPlan): Entry {
    const entry = entryOf(audit, plan);
    if (entry.panel) entry.panel.panel.reveal();
    else adopt(vscode.window.createWebviewPanel(viewType, "Whylight", vscode.ViewColumn.Active, { enableScripts: true }), entry);
    return entry;
  }

  function show(audit: vscode.Uri): Entry {
    const entry = front(audit);
    void entry.session.open();
    return entry;
  }

  function start(audit: vscode.Uri, plan: AuditPlan | undefined, resume: boolean): void {
    const { session } = front(audit, plan);
    if (!session.isRunning()) void session.run(resume, plan);
  }

  async function showAs(entry: OpenAudit, view: MistakeView, on = !views.shown(entry.audit)[view]): Promise<void> {
    try {
      if (!entry.session.state().summary) await entry.session.open();
      await views.set(entry.audit, view, on, entry.session.state().summary);
      entry.session.show();
    } catch (thrown) {
      await reportFailure(services.log, thrown);
    }
  }

  services.context.subscriptions.push(
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel, stored: unknown) => {
        const memento = readAuditMemento(stored);
        if (!memento) return panel.dispose();
        const entry = entryOf(vscode.Uri.parse(memento.audit));
        adopt(panel, entry);
        void entry.session.open();
      },
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      for (const { session } of entries.values()) void session.open();
    }),
    {
      dispose: () => {
        for (const entry of entries.values()) {
          leave(entry);
          entry.panel?.panel.dispose();
        }
      },
    },
  );
  return { open: show, start, active: () => [...entries.values()].find(({ panel }) => panel?.panel.active), showAs };
}
