/** @file One audit's panel: a webview and what its buttons do. The session behind it outlives it while the audit runs. */
import * as path from "node:path";
import * as vscode from "vscode";
import type { FailureAction } from "../../protocol/api.js";
import { auditFormats, type AuditApi, type AuditEvents, type AuditState } from "../../protocol/audit.js";
import { Rpc } from "../../protocol/rpc.js";
import { failureStepsFor, fillPanel, webviewPort } from "../panelPage.js";
import { saveReport } from "../saveReport.js";
import type { Services } from "../services.js";
import type { AuditPlan, AuditSession } from "./auditSession.js";

/** What the panel asks of the others. */
export interface AuditLinks {
  readonly session: AuditSession;
  /** Opens an image, or its report. */
  readonly openImage: (file: string, as: "report" | "image", column: vscode.ViewColumn | undefined) => void;
  readonly showAs: (view: "problems" | "tests", on: boolean) => void;
  /** Called when another model is chosen for the folder. */
  readonly replace: (plan: AuditPlan) => void;
}

export interface AuditPanel {
  readonly panel: vscode.WebviewPanel;
  show(state: AuditState): void;
}

type Nothing = Record<never, never>;

/** Fills a fresh or restored webview panel. */
export function createAuditPanel(panel: vscode.WebviewPanel, audit: vscode.Uri, services: Services, links: AuditLinks): AuditPanel {
  const { session } = links;
  let isReady = false;

  const act = (id: FailureAction["id"]) => {
    const about = session.subject();
    const subject = { resource: about && vscode.Uri.file(about.folder), model: about ? vscode.Uri.file(about.model) : audit, purpose: "image" } as const;
    return failureStepsFor(subject, services, () => void session.retry(), (picked) => about && links.replace({ ...about, model: picked.fsPath }))[id]();
  };
  const rpc = new Rpc<AuditApi, Nothing, AuditEvents, Nothing>(webviewPort(panel), {
    ready: (): AuditState => {
      isReady = true;
      return session.state();
    },
    images: (request, { signal }) => session.images(request, signal),
    thumbnail: (request, { signal }) => session.thumbnail(request, signal),
    changed: (request, { signal }) => session.changed(request, signal),
    cancel: () => session.cancel(),
    resume: () => void session.run(true),
    open: ({ file, as }) => links.openImage(file, as, panel.viewColumn),
    showAs: ({ view, on }) => links.showAs(view, on),
    compare: ({ before }) => void session.compare(before),
    export: async ({ format }) => {
      if (!auditFormats.includes(format) || !session.state().summary) return;
      await saveReport({ beside: vscode.Uri.joinPath(audit, "report"), name: `${path.posix.basename(audit.path)}.audit`, format }, services, (name) =>
        services.worker.call("exportAudit", { audit: audit.fsPath, format, name, strings: vscode.l10n.bundle ?? {} }));
    },
    act: ({ action }) => act(action),
  });

  panel.onDidChangeViewState(() => {
    // A hidden page is gone; the one that replaces it asks for the state again.
    if (!panel.visible) isReady = false;
    else void session.loadOthers();
  });

  let title = titleOf(audit, session.state());
  fillPanel(panel, services.context, title, { page: "audit", audit: audit.toString() });
  return {
    panel,
    show: (state) => {
      const now = titleOf(audit, state);
      if (now !== title) panel.title = title = now;
      // A page that has not asked yet gets everything when it does; posting earlier would be lost.
      if (isReady) rpc.emit("audit", state);
    },
  };
}

/** "Audit · shortcut · scenes", by the folder's name while nothing more is known. */
function titleOf(audit: vscode.Uri, { folderName, modelName }: AuditState): string {
  return [vscode.l10n.t("Audit"), ...(modelName === "" ? [path.posix.basename(audit.path)] : [folderName, modelName])].join(" · ");
}
