/** @file The pictures of a report as files hold them: the image, each map over it on the scale it shares, attention, and small ones of near files. */
import { join } from "node:path";
import { defaultStyle } from "../../drawing/style.js";
import type { Explanation } from "../../protocol/api.js";
import type { DebugAttention, DebugReport } from "../../protocol/debug.js";
import type { ReportPicture, ReportPictures } from "../../report/debugPictures.js";
import type { ImageCache } from "../imageCache.js";
import { drawExplanation, renderOverlay, renderPreview } from "../renderImage.js";
import { styleOfMap } from "./debugMaps.js";

const pageSide = 768;
const thumbnailSide = 160;

/** Draws them all. A near file that cannot be read any more has no picture. */
export async function debugPictures(images: ImageCache, report: DebugReport): Promise<ReportPictures> {
  const original = await renderPreview(await images.get(report.input), pageSide);
  const maps: ReportPicture[] = [];
  for (const map of report.maps) maps.push(await picture(images, map.id, map.explanation, { ...styleOfMap(map), scale: map.ends }));
  for (const part of report.attention) {
    // Weights over patches are drawn as a map on a grid; the largest of their kind ends the scale.
    const highest = Math.max(...report.attention.filter(({ kind }) => kind === part.kind).flatMap(({ grid }) => [...grid.data]));
    const like: Explanation = { ...report.maps[0]!.explanation, method: "grad-cam", attribution: part.grid };
    maps.push(await picture(images, attentionId(part), like, { ...defaultStyle, scale: [0, highest] }));
  }
  const near: { file: string; picture: ReportPicture["picture"] | undefined }[] = [];
  for (const { file } of report.neighbours?.found ?? []) near.push({ file, picture: await thumbnail(images, join(report.neighbours!.folder, file)) });
  return { original, maps, near };
}

/** "relevance/predicted". */
function attentionId({ kind, of }: Pick<DebugAttention, "kind" | "of">): string {
  return `${kind}/${of}`;
}

async function picture(images: ImageCache, id: string, explanation: Explanation, style: ReturnType<typeof styleOfMap>): Promise<ReportPicture> {
  const { ends, colors } = drawExplanation(explanation, style);
  return { id, picture: { mime: "image/png", bytes: await renderOverlay(images, explanation, style, pageSide) }, scale: { ends, colors } };
}

async function thumbnail(images: ImageCache, path: string): Promise<ReportPicture["picture"] | undefined> {
  try {
    return await renderPreview(await images.get(path), thumbnailSide);
  } catch {
    return undefined;
  }
}
