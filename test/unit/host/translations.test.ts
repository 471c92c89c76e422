/** @file Every text people see has a Japanese translation with the same placeholders, and no translation is left over. */
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { actionTitles, startingText, stoppedText } from "../../../src/host/texts.js";
import { textMethodUses } from "../../../src/host/text/textMethodUses.js";
import { explainedTextTexts } from "../../../src/host/text/textSentences.js";
import { estimateTexts } from "../../../src/protocol/estimateTexts.js";
import { errorTexts, noteTexts, phaseTexts } from "../../../src/protocol/errorTexts.js";
import { auditSentenceTexts } from "../../../src/protocol/auditTexts.js";
import { attentionTexts, evidenceTexts } from "../../../src/protocol/attentionTexts.js";
import { causeTexts, debugTexts, dimensionTexts, familyTexts, placeTexts, qualityTexts, strengthTexts, togetherText, variantTexts } from "../../../src/protocol/debugTexts.js";
import { auditFindingTitles, auditReportTexts, regionGroupTexts, regionVerdictTexts } from "../../../src/protocol/auditReportTexts.js";
import { debugReportTexts } from "../../../src/protocol/debugReportTexts.js";
import { runtimeTexts } from "../../../src/protocol/runtimeTexts.js";
import { setupTexts } from "../../../src/protocol/setupTexts.js";
import { downloadTexts } from "../../../src/protocol/downloadTexts.js";
import { comparisonTexts } from "../../../src/protocol/comparisonTexts.js";
import { modelFactTexts } from "../../../src/protocol/modelFacts.js";
import { modelRowTexts } from "../../../src/host/models/modelRows.js";
import { meanMapTexts } from "../../../src/protocol/meanMaps.js";
import { methodFacts } from "../../../src/protocol/methodFacts.js";
import { trustTestTexts, trustTexts, verdictTexts } from "../../../src/protocol/trustTexts.js";
import { reportTexts } from "../../../src/protocol/reportTexts.js";
import { sources } from "../../../webview/strings.js";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const readJson = (path: string) => JSON.parse(read(path)) as Record<string, string>;
const files = (folder: string) => readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts")).map((name) => `${folder}${name}`);

/** The texts that the host hands to `l10n.t` itself; a call with anything but one plain literal is a mistake, except in `translate`. */
function hostTexts(): string[] {
  return [...files("src/host/"), "src/extension.ts"].flatMap((file) =>
    [...read(file).matchAll(/l10n\.t\(\s*("(?:[^"\\]|\\.)*"|[^)]{0,20})/g)].map(([, argument = ""]) => {
      if (argument === "english") return "";
      expect(argument, `${file}: l10n.t takes a literal`).toMatch(/^"/);
      return JSON.parse(argument) as string;
    }).filter((text) => text !== ""));
}

const english = new Set<string>([
  ...Object.values(errorTexts).flatMap(({ text, next }) => [text, next]), ...Object.values(noteTexts), ...Object.values(phaseTexts), ...Object.values(estimateTexts), ...Object.values(reportTexts),
  ...Object.values(comparisonTexts), ...Object.values(downloadTexts), ...setupTexts, ...runtimeTexts, ...Object.values(debugReportTexts), ...Object.values(attentionTexts), ...Object.values(methodFacts).flatMap(({ guarantee, use }) => [guarantee, use]),
  ...Object.values(trustTexts), ...Object.values(trustTestTexts), ...Object.values(verdictTexts),
  ...[debugTexts, placeTexts, causeTexts, strengthTexts, familyTexts, qualityTexts, dimensionTexts, variantTexts].flatMap((texts) => Object.values<string>(texts)), togetherText,
  ...Object.values(auditSentenceTexts), ...[auditReportTexts, auditFindingTitles, regionGroupTexts, regionVerdictTexts, meanMapTexts].flatMap((texts) => Object.values<string>(texts)),
  ...Object.values(actionTitles), ...Object.values(stoppedText), startingText, ...Object.values(modelFactTexts), ...Object.values(modelRowTexts), ...Object.values(explainedTextTexts), ...Object.values(textMethodUses), ...sources, ...hostTexts(),
]);
const japanese = readJson("media/l10n/bundle.l10n.ja.json");
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).toSorted((a, b) => a.localeCompare(b));

describe("translations", () => {
  it("finds the host's own texts", () => {
    expect(hostTexts()).toContain("Choose a file…");
  });

  it("has Japanese for every text", () => {
    expect([...english].filter((text) => !japanese[text])).toEqual([]);
  });

  it("keeps no Japanese for texts that are gone", () => {
    expect(Object.keys(japanese).filter((text) => !english.has(text))).toEqual([]);
  });

  it("keeps the placeholders", () => {
    expect(Object.entries(japanese).filter(([from, to]) => placeholders(from).join() !== placeholders(to).join())).toEqual([]);
  });

  it("uses every text of the page", () => {
    const code = files("webview/").filter((file) => !["webview/strings.ts", "webview/compare/sources.ts", "webview/attention/sources.ts", "webview/debug/sources.ts", "webview/audit/sources.ts", "webview/model/sources.ts"].includes(file)).map(read).join("\n");
    // Those beside attention are chosen in the protocol, which the page asks.
    const chosen = new Set<string>(Object.values(evidenceTexts));
    expect(code).toContain("evidenceSentences(");
    expect(sources.filter((source) => !chosen.has(source) && !code.includes(`"${source}"`))).toEqual([]);
  });

  it("has every key of the manifest in both languages", () => {
    const used = new Set([...read("package.json").matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? ""));
    expect(used.size).toBeGreaterThan(20);
    for (const file of ["package.nls.json", "package.nls.ja.json"]) {
      const keys = Object.keys(readJson(file));
      expect({ file, missing: [...used].filter((key) => !keys.includes(key)), unused: keys.filter((key) => !used.has(key)) }).toEqual({ file, missing: [], unused: [] });
    }
  });
});
