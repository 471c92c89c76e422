/** @file Long work told in a notification that can be stopped. */
import * as vscode from "vscode";

/** Tells what is done now, and how many percent more than before. */
export type Report = vscode.Progress<{ readonly message?: string; readonly increment?: number }>["report"];

/** Runs something while a notification says how far it is; its Cancel aborts the signal. */
export function withStoppableNotification<Result>(title: string, run: (signal: AbortSignal, report: Report) => Promise<Result>): Thenable<Result> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (progress, cancellation) => {
    const stop = new AbortController();
    cancellation.onCancellationRequested(() => stop.abort());
    return run(stop.signal, (told) => progress.report(told));
  });
}
