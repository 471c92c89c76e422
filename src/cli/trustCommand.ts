/** @file `whylight trust`: how far the map of each input can be trusted, test by test. */
import { basename } from "node:path";
import { WhylightError } from "../engine/errors.js";
import type { MethodId, ParameterValue, RuntimeChoice, Score, TargetSpec } from "../protocol/api.js";
import { trustTests, type TrustFinding, type TrustReport, type TrustTest } from "../protocol/trust.js";
import { trustTestTexts, trustTexts, verdictTexts } from "../protocol/trustTexts.js";
import { modelLabel } from "../protocol/modelNames.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { concernsAllInputs } from "./explainCommand.js";
import { resultDocument, roundedMs, type ErrorEntry } from "./resultDocument.js";
import { estimateTeller } from "./estimateTeller.js";
import { alignColumns, cut, describeFailure, describeNote, exitCodeOf, percent, type Terminal } from "./terminal.js";

export interface TrustOptions {
  readonly methods: readonly MethodId[];
  readonly tests: readonly TrustTest[] | undefined;
  readonly target: TargetSpec;
  readonly layer: string | undefined;
  readonly score: Score;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly settings: Readonly<Record<string, ParameterValue>>;
  readonly runtime: RuntimeChoice;
  readonly json: boolean;
}

/** One report for the document: the worker's, with each sentence in words. */
export type TrustEntry = Omit<TrustReport, "model" | "runtime" | "pending" | "notes" | "findings" | "layer" | "versus"> & {
  readonly layer: string | null;
  readonly findings: readonly (TrustFinding & { readonly text: string })[];
  readonly notes: readonly string[];
};

/** "curves,weights" as tests. Throws `parameterInvalid`. */
export function parseTests(text: string): TrustTest[] {
  return text.split(",").map((part) => part.trim()).map((name) => trustTests.find((test) => test === name) ?? unknownTest(name));
}

function unknownTest(name: string): never {
  throw new WhylightError("parameterInvalid", { parameter: "--tests", reason: `there is no test ${name}, only ${trustTests.join(", ")}` });
}

/** Examines the map of every input by every method. Returns the exit code: 0 whatever the verdicts, or 1 when anything failed. */
export async function runTrust(model: string, inputs: readonly string[], options: TrustOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const tellEstimate = estimateTeller(terminal);
  const { methods, json, ...asked } = options;
  const results: TrustEntry[] = [];
  const errors: ErrorEntry[] = [];
  let last: TrustReport | undefined;
  inputs: for (const input of inputs) {
    for (const method of methods) {
      try {
        const report = await jobs.trust({ model, input, method, ...asked }, { onEstimate: tellEstimate(method), onProgress: (phase) => terminal.progress(phase, `${basename(input)} · ${method}`) });
        const entry = entryOf(input, report, terminal);
        results.push(entry);
        if (!json) print(report, entry, last, terminal);
        last = report;
      } catch (thrown) {
        const failure = describeFailure(thrown, terminal.translate);
        errors.push({ input, ...failure });
        terminal.err(`${failure.text} ${failure.next}`);
        if (concernsAllInputs(thrown)) break inputs;
        break;
      }
    }
  }
  if (json) terminal.out(JSON.stringify(resultDocument(model, last, results, errors), undefined, 2));
  return exitCodeOf(errors);
}

function entryOf(input: string, { method, layer, target, parameters, lowered, settings, findings, evaluations, notes, ms }: TrustReport, { translate }: Terminal): TrustEntry {
  return {
    input, method, layer: layer ?? null, target, parameters, lowered, settings, evaluations, ms: roundedMs(ms), notes: notes.map((note) => describeNote(note, translate)),
    findings: findings.map((finding) => ({ ...finding, text: translate(trustTexts[finding.sentence.code], finding.sentence.data) })),
  };
}

function print({ model, runtime, target, evaluations }: TrustReport, { input, method, layer, lowered, findings, notes, ms }: TrustEntry, last: TrustReport | undefined, { out, translate }: Terminal): void {
  if (last === undefined) out(`${modelLabel(model.path)} · ${runtime.detail}`);
  out(`\n${input}`);
  out(`  ${cut(target.label, 40)} ${percent(target.probability)} · ${method}${layer === null ? "" : ` · ${layer}`} · ${Math.round(ms.load + ms.compile + ms.compute)} ms`);
  const rows = findings.map((finding) => [translate(trustTestTexts[finding.test]), translate(verdictTexts[finding.verdict]), numbersOf(finding, model.labels)]);
  for (const [i, line] of alignColumns(rows).entries()) {
    out(`  ${line}`);
    out(`    ${findings[i]!.text}`);
  }
  const less = Object.entries(lowered).map(([name, value]) => `${name} ${value}`).join(", ");
  if (less !== "") out(`  ${translate("Made cheap for the tests; the map itself has {parameters}.", { parameters: less })}`);
  out(`  ${translate("{forward} images forward, {gradient} with a gradient", evaluations)}`);
  for (const note of notes) out(`  ${note}`);
}

/** "deletion 0.12 · insertion 0.87 · random 0.33", or each comparison with its correlation. */
function numbersOf({ test, curves, comparisons }: TrustFinding, labels: readonly string[] | undefined): string {
  const nameOf = (name: string) => (test === "classes" ? cut(labels?.[Number(name)] ?? name, 24) : name);
  const parts = [...curves.map(({ name, area }) => [name, area] as const), ...comparisons.map(({ name, correlation }) => [nameOf(name), correlation] as const)];
  return parts.map(([name, value]) => `${name} ${value === null ? "–" : value.toFixed(2)}`).join(" · ");
}
