/** @file Runs a specification's checks, one row each: what was wanted, what was found, whether that is well. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultStyle } from "../../drawing/style.js";
import { WhylightError, toWhylightError, type ErrorCode } from "../../engine/errors.js";
import type { PredictResult, Prediction, RuntimeChoice, TargetSpec } from "../../protocol/api.js";
import type { AuditSummary } from "../../protocol/audit.js";
import { decodeImage } from "../decodeImage.js";
import type { JobContext, Jobs } from "../jobs.js";
import { resolveTarget } from "../predictions.js";
import { drawExplanation } from "../renderImage.js";
import type { CheckReport, CheckRow } from "./checkRow.js";
import type { CheckedArea, CheckSpec, FocusCheck, FolderChecks, ImageChecks, Limits } from "./checkSpec.js";
import { focusShare, insideBox, insideMask, type Inside } from "./focusShare.js";

export interface CheckRequest {
  /** Absolute paths. */
  readonly model: string;
  readonly spec: string;
  readonly runtime: RuntimeChoice;
}

type Asked = CheckRequest & { readonly jobs: Jobs; readonly context: JobContext };

/** Errors that concern one image, not the model or the whole run. */
const ofOneImage: ReadonlySet<ErrorCode> = new Set(["inputNotFound", "inputInvalid", "imageInvalid", "imageTooLarge"]);

/** Checks everything. Throws `specInvalid` for classes that the model does not have, and what concerns the model. */
export async function runChecks(jobs: Jobs, request: CheckRequest, spec: CheckSpec, context: JobContext = {}): Promise<CheckReport> {
  const asked = { ...request, jobs, context };
  await refuseUnknownLabels(asked, spec);
  const rows: CheckRow[] = [];
  let runtime = "";
  for (const image of spec.images) {
    const result = await checkImage(asked, image);
    rows.push(...result.rows);
    runtime = result.runtime ?? runtime;
  }
  if (!spec.accuracy) return { runtime, rows, unreadableCount: 0, unreadable: [] };
  const summary = await auditOf(asked, spec.accuracy);
  return { runtime: runtime || summary.runtime, rows: [...rows, ...folderRows(asked, spec.accuracy, summary, spec.noShortcuts)], unreadableCount: summary.failedCount, unreadable: summary.failed.map(({ file }) => file) };
}

/** Before anything runs for long. Indices are looked at when the model has answered, since not every model names its classes. */
async function refuseUnknownLabels(asked: Asked, spec: CheckSpec): Promise<void> {
  const { labels } = await asked.jobs.inspectModel(asked.model);
  if (!labels) return;
  const named: (readonly [field: string, target: TargetSpec | undefined])[] = [
    ...spec.images.flatMap(({ at, predicts, probability, focus }) => [[`${at}.predicts`, predicts] as const, [`${at}.probability.class`, probability?.target] as const, ...focus.map((one) => [`${one.at}.class`, one.target] as const)]),
    ...(spec.accuracy?.perClass ?? []).map(({ target }) => [`accuracy.perClass.${target}`, target] as const),
  ];
  for (const [field, target] of named) if (typeof target === "string") classOf(asked, target, labels, undefined, field);
}

/** Throws `specInvalid` at `field`. */
function classOf({ spec }: Asked, target: TargetSpec, labels: readonly string[] | undefined, classes: number | undefined, field: string): number | "predicted" {
  try {
    return resolveTarget(target, labels, classes);
  } catch (thrown) {
    if (toWhylightError(thrown).code !== "targetUnknown") throw thrown;
    throw new WhylightError("specInvalid", { path: spec, field, reason: `the model has no class ${target}` }, { cause: thrown });
  }
}

async function checkImage(asked: Asked, check: ImageChecks): Promise<{ readonly rows: readonly CheckRow[]; readonly runtime?: string }> {
  try {
    const { model, runtime, jobs, context } = asked;
    const result = await jobs.predict({ model, input: check.path, top: Number.MAX_SAFE_INTEGER, runtime }, context);
    const rows: CheckRow[] = predictionRows(asked, check, result);
    for (const focus of check.focus) rows.push(await focusRow(asked, check, focus, result));
    return { rows, runtime: result.runtime.detail };
  } catch (thrown) {
    const { code, data } = toWhylightError(thrown);
    if (!ofOneImage.has(code)) throw thrown;
    return { rows: failedRows(check, { code, data }) };
  }
}

function predictionRows(asked: Asked, { at, name, predicts, probability }: ImageChecks, result: PredictResult): CheckRow[] {
  const rows: CheckRow[] = [];
  const first = result.predictions[0]!;
  if (predicts !== undefined) {
    const wanted = meant(asked, predicts, result, `${at}.predicts`);
    rows.push({ at: `${at}.predicts`, subject: name, kind: "predicts", wanted: wanted.label, found: first.label, probability: first.probability, ok: wanted.index === first.index });
  }
  if (probability) {
    const { label, probability: found } = meant(asked, probability.target, result, `${at}.probability.class`);
    rows.push({ at: `${at}.probability`, subject: name, kind: "probability", class: label, limits: probability.limits, found, ok: isWithin(found, probability.limits) });
  }
  return rows;
}

/** The class that a target means for an image. */
function meant(asked: Asked, target: TargetSpec, { predictions, model, classCount }: PredictResult, field: string): Prediction {
  const index = classOf(asked, target, model.labels, classCount, field);
  return index === "predicted" ? predictions[0]! : predictions.find((prediction) => prediction.index === index)!;
}

async function focusRow(asked: Asked, { name, path }: ImageChecks, { at, target, method, area, limits }: FocusCheck, result: PredictResult): Promise<CheckRow> {
  const { model, runtime, jobs, context } = asked;
  const { index, label } = meant(asked, target, result, `${at}.class`);
  const explanation = await jobs.explain({ model, input: path, method, target: index, score: "logit", layer: undefined, parameters: {}, runtime }, context);
  const [height, width] = explanation.inputSize;
  // A tensor is its own image.
  const size = explanation.region ? await jobs.images.get(path) : { width, height };
  const region = explanation.region ?? { x: 0, y: 0, width, height };
  const { share, area: chance } = focusShare(drawExplanation(explanation, defaultStyle).values, region, await insideOf(asked, at, area, size));
  const blank = chance === 0 ? "area" : share === undefined ? "map" : null;
  return { at, subject: name, kind: "focus", class: label, method, area: nameOf(area), limits, found: share ?? null, chance, blank, ok: blank === null && isWithin(share!, limits) };
}

async function insideOf({ spec }: Asked, at: string, area: CheckedArea, { width, height }: { readonly width: number; readonly height: number }): Promise<Inside> {
  const refuse = (field: string, reason: string): never => {
    throw new WhylightError("specInvalid", { path: spec, field: `${at}.${field}`, reason });
  };
  if (area.kind === "mask") {
    const mask = await decodeImage(area.path).catch((thrown: unknown) => refuse("mask", `${area.name} cannot be read as an image (${toWhylightError(thrown).code})`));
    // A mask of another shape was made for another picture.
    if (Math.abs(mask.width * height - mask.height * width) > Math.max(mask.width + mask.height, width + height)) refuse("mask", `it has ${mask.width} × ${mask.height} pixels, and the image ${width} × ${height}`);
    return insideMask(mask.pixels, width, height);
  }
  const [x, y, w, h] = area.box;
  const box = area.box.every((value) => value <= 1) ? ([x * width, y * height, w * width, h * height] as const) : area.box;
  if (box[0] >= width || box[1] >= height) refuse("box", `it lies outside the image of ${width} × ${height} pixels`);
  return insideBox(box);
}

function nameOf(area: CheckedArea): string {
  return area.kind === "mask" ? area.name : `[${area.box.join(", ")}]`;
}

/** An image that cannot be read fails all that is asked of it. */
function failedRows({ at, name, predicts, probability, focus }: ImageChecks, failure: CheckRow["failure"]): CheckRow[] {
  const head = { subject: name, ok: false, failure } as const;
  return [
    ...(predicts === undefined ? [] : [{ ...head, at: `${at}.predicts`, kind: "predicts", wanted: String(predicts), found: null, probability: null } as const]),
    ...(probability ? [{ ...head, at: `${at}.probability`, kind: "probability", class: String(probability.target), limits: probability.limits, found: null } as const] : []),
    ...focus.map((one) => ({ ...head, at: one.at, kind: "focus", class: String(one.target), method: one.method, area: nameOf(one.area), limits: one.limits, found: null, chance: null, blank: null }) as const),
  ];
}

/** Audits into a folder of its own, which goes away again. */
async function auditOf({ model, runtime, jobs, context }: Asked, { path, labels, limit }: FolderChecks): Promise<AuditSummary> {
  const folder = mkdtempSync(join(tmpdir(), "whylight-check-"));
  try {
    return await jobs.auditFolder({ model, folder: path, labels, out: join(folder, "audit"), resume: false, limit, runtime }, context);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function folderRows(asked: Asked, { name, min, perClass }: FolderChecks, { accuracy, labelled, mistakes, classes, labels, regions }: AuditSummary, noShortcuts: boolean): CheckRow[] {
  const rows: CheckRow[] = [];
  if (min !== undefined) rows.push(accuracyRow("accuracy.min", name, null, min, accuracy, labelled - mistakes, labelled));
  for (const { target, min: wanted } of perClass) {
    const at = `accuracy.perClass.${target}`;
    const index = classOf(asked, target, labels, undefined, at);
    const row = classes.find((one) => one.index === index);
    rows.push(accuracyRow(at, name, row?.label ?? target, wanted, row?.recall ?? null, row?.right ?? 0, row?.images ?? 0));
  }
  if (noShortcuts) {
    const found = regions.filter(({ verdict }) => verdict === "confirmed").map(({ id, group, place, inRegion, images }) => ({ id, label: labels[group.predicted] ?? String(group.predicted), place, inRegion, images }));
    rows.push({ at: "noShortcuts", subject: name, kind: "noShortcuts", found, ok: found.length === 0 });
  }
  return rows;
}

function accuracyRow(at: string, subject: string, name: string | null, min: number, found: number | null, right: number, images: number): CheckRow {
  return { at, subject, kind: "accuracy", class: name, limits: { min }, found, right, images, ok: found !== null && found >= min };
}

function isWithin(value: number, { min = 0, max = 1 }: Limits): boolean {
  return value >= min && value <= max;
}
