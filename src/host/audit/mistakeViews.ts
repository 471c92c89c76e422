/** @file Where an audit's mistakes are shown beside its page: the Problems panel and the test view, each when people want it. */
import * as path from "node:path";
import * as vscode from "vscode";
import type { AuditState, AuditSummary } from "../../protocol/audit.js";
import type { Services } from "../services.js";
import { createMistakeTests } from "./mistakeTests.js";
import { readMistakes, type Mistakes } from "./mistakes.js";
import { showProblems } from "./problems.js";

export type MistakeView = keyof AuditState["shownAs"];

export interface MistakeViews {
  shown(audit: vscode.Uri): AuditState["shownAs"];
  /** Shows the mistakes there, or takes them away. Rejects as the worker does. */
  set(audit: vscode.Uri, view: MistakeView, on: boolean, summary: AuditSummary | undefined): Promise<void>;
  /** Shows what an audit has become, wherever it is shown. */
  update(audit: vscode.Uri, summary: AuditSummary): Promise<void>;
}

/** Shown until they are taken away or the window closes, whether or not the audit's page is open. */
export function createMistakeViews(services: Services): MistakeViews {
  const tests = createMistakeTests(services);
  const put: Readonly<Record<MistakeView, (audit: vscode.Uri, summary: AuditSummary, mistakes: Mistakes) => vscode.Disposable>> = {
    problems: showProblems,
    tests: (audit, summary, mistakes) => tests.show(audit, path.posix.basename(audit.path), summary, mistakes),
  };
  const shown: Readonly<Record<MistakeView, Map<string, vscode.Disposable>>> = { problems: new Map(), tests: new Map() };

  function clear(audit: vscode.Uri, view: MistakeView): void {
    shown[view].get(audit.toString())?.dispose();
    shown[view].delete(audit.toString());
  }

  async function set(audit: vscode.Uri, view: MistakeView, on: boolean, summary: AuditSummary | undefined): Promise<void> {
    if (!on || !summary) return clear(audit, view);
    const mistakes = await readMistakes(services.worker.call, audit.fsPath, summary);
    clear(audit, view);
    shown[view].set(audit.toString(), put[view](audit, summary, mistakes));
  }

  services.context.subscriptions.push({ dispose: () => Object.values(shown).forEach((all) => all.forEach((one) => one.dispose())) });
  return {
    shown: (audit) => ({ problems: shown.problems.has(audit.toString()), tests: shown.tests.has(audit.toString()) }),
    set,
    update: async (audit, summary) => {
      for (const view of ["problems", "tests"] as const) if (shown[view].has(audit.toString())) await set(audit, view, true, summary);
    },
  };
}
