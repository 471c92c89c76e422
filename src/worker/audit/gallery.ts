/** @file Reading audits: their summaries, pages of their images, small pictures, and two of them compared. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { compareAudits, type ComparedAudit } from "../../engine/audit/compareAudits.js";
import { WhylightError } from "../../engine/errors.js";
import type { ImagePreview } from "../../protocol/api.js";
import { auditFiles, type AuditComparison, type AuditHead, type AuditSummary, type ChangedPage, type ChangedRequest, type ImagesPage, type ImagesRequest, type ThumbnailRequest } from "../../protocol/audit.js";
import { stampOf } from "../files.js";
import { readIndex, type AuditIndex } from "./auditIndex.js";
import { changedImages, nameOf } from "./changedImages.js";
import { filterImages } from "./filterImages.js";
import { recordPath } from "./recordFile.js";
import { readSummary } from "./storedSummary.js";
import { drawThumbnail } from "./thumbnail.js";

export interface Gallery {
  /** Throws `auditMissing`. */
  open(audit: string): Promise<AuditSummary>;
  images(request: ImagesRequest): Promise<ImagesPage>;
  thumbnail(request: ThumbnailRequest): Promise<ImagePreview>;
  compare(before: string, after: string): Promise<AuditComparison>;
  changed(request: ChangedRequest): Promise<ChangedPage>;
}

/** Two that are compared, and the one before. */
const keptAudits = 3;

/** Keeps the index of the last audits read while their files stay the same. */
export function createGallery(): Gallery {
  const indexes = kept((audit) => stampText(recordPath(audit)), readIndex);
  const summaries = kept((audit) => `${stampText(recordPath(audit))} ${stampText(join(audit, auditFiles.summary))}`, readSummary);
  // A page asks for the same list again and again while it is scrolled.
  const lists = new WeakMap<AuditIndex, { readonly key: string; readonly images: readonly number[] }>();

  const listOf = (index: AuditIndex, { filter, order }: ImagesRequest): readonly number[] => {
    const key = JSON.stringify([filter, order]);
    const last = lists.get(index);
    if (last?.key === key) return last.images;
    const images = filterImages(index, filter, order);
    lists.set(index, { key, images });
    return images;
  };

  return {
    open: async (audit) => summaries(audit),
    images: async (request) => {
      const index = indexes(request.audit);
      const all = listOf(index, request);
      const page = all.slice(request.offset, request.offset + request.count).map((image) => {
        const { entropy: _, ...shown } = index.at(image);
        return shown;
      });
      return { total: all.length, images: page };
    },
    thumbnail: async ({ audit, file, side, hasMap }) => {
      const index = indexes(audit);
      const image = index.indexOf(file);
      if (image === undefined) throw new WhylightError("inputNotFound", { path: join(index.header.folder, file) });
      return drawThumbnail(index.header, index.record(image), side, hasMap);
    },
    compare: async (before, after) => {
      const [first, second] = [before, after].map((audit) => ({ index: indexes(audit), summary: summaries(audit) })) as [Opened, Opened];
      const { classes, ...difference } = compareAudits(compared(first), compared(second));
      return { ...difference, before: headOf(before, first.summary), after: headOf(after, second.summary), classes: classes.map((row) => ({ ...row, label: nameOf(second.index, row.label) })) };
    },
    changed: async ({ before, after, change, offset, count }) => {
      const all = changedImages(indexes(before), indexes(after), change);
      return { total: all.length, images: all.slice(offset, offset + count) };
    },
  };
}

interface Opened {
  readonly index: AuditIndex;
  readonly summary: AuditSummary;
}

function compared({ index, summary: { labels, regions } }: Opened): ComparedAudit {
  return { labels, regions, images: Array.from({ length: index.length }, (_, image) => index.at(image)) };
}

function headOf(folder: string, { model, accuracy }: AuditSummary): AuditHead {
  return { folder: resolve(folder), model: model.path, accuracy };
}

/** The last results of reading an audit, while its stamp stays the same. */
function kept<Result>(stamp: (audit: string) => string, read: (audit: string) => Result): (audit: string) => Result {
  const results = new Map<string, { readonly stamp: string; readonly result: Result }>();
  return (audit) => {
    const path = resolve(audit);
    if (!existsSync(recordPath(path))) throw new WhylightError("auditMissing", { path });
    const now = stamp(path);
    const known = results.get(path);
    results.delete(path);
    const entry = known?.stamp === now ? known : { stamp: now, result: read(path) };
    results.set(path, entry);
    for (const oldest of results.keys()) if (results.size > keptAudits) results.delete(oldest);
    return entry.result;
  };
}

function stampText(path: string): string {
  if (!existsSync(path)) return "";
  const { size, mtimeMs } = stampOf(path, "auditMissing");
  return `${size} ${mtimeMs}`;
}
