/** @file Mistakes as entries of the Problems panel, with as much of VS Code as they need. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { readDebugArguments } from "../../../src/host/debug/debugArguments.js";
import type { Mistake } from "../../../src/host/audit/mistakes.js";
import { showProblems } from "../../../src/host/audit/problems.js";
import type { AuditSummary } from "../../../src/protocol/audit.js";

const entries = vi.hoisted(() => new Map<string, { message: string; severity: string; source?: string; code?: { target: { text: string } } }[]>());

vi.mock("vscode", () => {
  const uri = (text: string) => ({ text, fsPath: text, toString: () => text });
  return {
    Range: class {},
    Diagnostic: class {
      constructor(_range: unknown, message: string, severity: string) {
        Object.assign(this, { message, severity });
      }
    },
    DiagnosticSeverity: { Warning: "warning", Information: "information" },
    Uri: { file: uri, parse: uri, joinPath: (base: { text: string }, name: string) => uri(`${base.text}/${name}`) },
    languages: { createDiagnosticCollection: () => ({ set: (file: { text: string }, all: never[]) => entries.set(file.text, all), dispose: () => entries.clear() }) },
    l10n: { t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)])) },
  };
});

const vscode = await import("vscode");
const audit = vscode.Uri.file("/w/audits/a b");
const summary = { model: { path: "/w/net #1.onnx", sha256: "" }, labelsFrom: "/w/labels.csv" } as AuditSummary;
const mistake: Mistake = { file: "x/100%.jpg", path: "/w/x/100%.jpg", label: 1, labelName: "umbrella", predicted: 0, predictedName: "mug", confidence: 0.982 };

describe("problems", () => {
  beforeEach(() => entries.clear());

  it("say what the model says and what the label says, and lead to the report", () => {
    const shown = showProblems(audit, summary, { shown: [mistake], total: 1 });
    expect([...entries.keys()]).toEqual(["/w/x/100%.jpg"]);
    const [entry] = entries.get("/w/x/100%.jpg")!;
    expect(entry).toMatchObject({ message: "mug 98.2 %, labelled umbrella", severity: "warning", source: "Whylight" });
    // As VS Code reads a command's address: what follows the question mark is JSON once it is decoded.
    const [command, query = ""] = entry!.code!.target.text.split("?");
    expect(command).toBe("command:whylight.debugMisclassification");
    const [asked] = JSON.parse(decodeURIComponent(query)) as unknown[];
    expect(readDebugArguments(asked)).toEqual({ image: "/w/x/100%.jpg", model: "/w/net #1.onnx", label: 1, labelFrom: "labels file", among: "/w/audits/a b" });
    shown.dispose();
    expect(entries.size).toBe(0);
  });

  it("tell when there are more than are listed", () => {
    showProblems(audit, summary, { shown: [mistake], total: 3412 });
    expect(entries.get("/w/audits/a b/summary.json")).toMatchObject([{ severity: "information", message: "The 1 surest of 3412 mistakes are listed here; the audit's page shows all." }]);
  });
});
