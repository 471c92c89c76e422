/** @file Mean maps as columns of a report's tables. */
import { meanMapSvg } from "../drawing/audit/meanMapSvg.js";
import type { AuditSummary, MapGroup, MeanMap } from "../engine/audit/summary.js";
import { meanMapOf, meanMapTitle, meanMapWords } from "../protocol/meanMaps.js";
import type { Translate } from "../protocol/reportTexts.js";
import { escapeMarkdown, markdownPicture } from "./markdown.js";

/** Further columns: per row a map for each head, where it has one. */
export interface MapColumns {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly (MeanMap | undefined)[])[];
}

/** Columns for these groups, row by row; `undefined` where there is no map at all. */
export function mapColumns({ maps }: Pick<AuditSummary, "maps">, heads: readonly string[], groups: readonly (readonly MapGroup[])[]): MapColumns | undefined {
  const rows = groups.map((row) => row.map((group) => meanMapOf(maps, group)));
  return rows.flat().some((map) => map !== undefined) ? { heads, rows } : undefined;
}

/** Side of a picture in a Markdown table, in pixels. */
const besideWords = 64;

/** Pictures of the mean map and of its kinds, then where they have most of their mass; `place` takes a picture's bytes and tells where it lies. */
export function mapCellMarkdown(map: MeanMap | undefined, place: (svg: Uint8Array) => string, translate: Translate): string {
  if (!map) return "–";
  const pictures = [map, ...map.clusters].map((maps) => {
    const title = meanMapTitle(maps, translate);
    return markdownPicture(title, place(new TextEncoder().encode(meanMapSvg(maps.mean, undefined, title, besideWords))));
  });
  return `${pictures.join(" ")}<br>${escapeMarkdown(meanMapWords(map, translate))}`;
}

/** The mean map as a picture, then those of the kinds that it falls into, with their images. */
export function mapCellHtml(map: MeanMap | undefined, translate: Translate): string {
  if (!map) return "–";
  const kinds = map.clusters.map((kind) => `<span class="kind">${meanMapSvg(kind.mean, undefined, meanMapTitle(kind, translate))}<span class="quiet">${kind.images}</span></span>`);
  return `<span class="maps">${meanMapSvg(map.mean, undefined, meanMapTitle(map, translate))}${kinds.length > 0 ? `<span class="kinds">${kinds.join("")}</span>` : ""}</span>`;
}
