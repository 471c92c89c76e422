/** @file What the pictures of a misclassification report are, and what stands below each. */
import type { MethodId } from "../protocol/api.js";
import { noteTexts } from "../protocol/errorTexts.js";
import { debugReportTexts as texts } from "../protocol/debugReportTexts.js";
import type { DebugMap, DebugReport } from "../protocol/debug.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";
import { percent } from "./markup.js";

/** An image file's content. */
export interface PictureFile {
  readonly mime: string;
  readonly bytes: Uint8Array;
}

/** A map over the image. */
export interface ReportPicture {
  /** "grad-cam/predicted", "relevance/true". */
  readonly id: string;
  readonly picture: PictureFile;
  readonly scale: { readonly colors: Uint8Array; readonly ends: readonly [low: number, high: number] };
}

export interface ReportPictures {
  readonly original: PictureFile;
  readonly maps: readonly ReportPicture[];
  readonly near: readonly { readonly file: string; readonly picture: PictureFile | undefined }[];
}

/** Maps beside each other: a method's, or those of attention. */
export interface PictureRow {
  readonly title: string;
  /** `notes` are about this map alone, as that it is blank. */
  readonly pictures: readonly (ReportPicture & { readonly caption: string; readonly notes: readonly string[] })[];
}

const methodNames: Readonly<Partial<Record<MethodId, string>>> = { "grad-cam": "Grad-CAM", "integrated-gradients": "Integrated Gradients" };

/** The rows in their order; what one row shares is its method. */
export function pictureRows(report: DebugReport, { maps }: ReportPictures, translate: Translate): PictureRow[] {
  const pick = (captions: readonly (readonly [id: string, caption: string])[]) => captions.flatMap(([id, caption]) => maps.filter((map) => map.id === id).map((map) => ({ ...map, caption, notes: notesOf(report, id, translate) })));
  const methods = [...new Set(report.maps.map(({ explanation }) => explanation.method))];
  const rows = methods.map((method): PictureRow => {
    const own = report.maps.filter(({ explanation }) => explanation.method === method);
    const { layer } = own[0]!.explanation;
    return { title: `${methodNames[method] ?? method}${layer === undefined ? "" : ` · ${layer}`}`, pictures: pick(own.map((map) => [map.id, mapCaption(map, translate)])) };
  });
  const labels = { any: "", predicted: report.predicted.label, true: report.true.label, contrast: "" };
  const attention = pick(report.attention.map(({ kind, of }) => [`${kind}/${of}`, kind === "rollout" ? translate(texts.rollout) : translate(texts.relevanceOf, { label: labels[of] })]));
  return attention.length > 0 ? [...rows, { title: translate(texts.attention), pictures: attention }] : rows;
}

/** What is said of one map and not of the whole report. */
function notesOf({ maps, notes }: DebugReport, id: string, translate: Translate): string[] {
  const all = maps.find((map) => map.id === id)?.explanation.notes ?? [];
  return all.filter(({ code }) => !notes.some((note) => note.code === code)).map(({ code, data }) => translate(noteTexts[code], data));
}

/** "Predicted: mug 95.4 %", or "mug rather than balloon". */
export function mapCaption({ of, explanation: { target, versus } }: DebugMap, translate: Translate): string {
  if (versus) return translate(reportTexts.rather, { target: target.label, versus: versus.label });
  return `${translate(of === "true" ? texts.trueClass : texts.predicted)}: ${target.label} ${percent(target.probability)}`;
}
