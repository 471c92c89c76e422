/** @file An audit in memory for looking at: a few numbers of each image, and where its record stands in the file. */
import { closeSync, openSync, readSync } from "node:fs";
import { WhylightError } from "../../engine/errors.js";
import type { AuditRecord } from "../../engine/audit/record.js";
import type { AuditedImage } from "../../protocol/audit.js";
import { readHeader, readRecords, recordPath, type AuditHeader } from "./recordFile.js";
import { readLine } from "./recordLine.js";

/** What is kept of each image. */
export interface IndexedImage extends AuditedImage {
  readonly entropy: number;
}

export interface AuditIndex {
  readonly header: AuditHeader;
  readonly length: number;
  at(image: number): IndexedImage;
  /** The image of that name. */
  indexOf(file: string): number | undefined;
  /** The whole record, read from the file. */
  record(image: number): AuditRecord;
}

/** Reads an audit's records once. Throws `auditMissing`. */
export function readIndex(audit: string): AuditIndex {
  const path = recordPath(audit);
  const header = readHeader(path);
  if (!header) throw new WhylightError("auditMissing", { path: audit });
  const images: IndexedImage[] = [];
  const places: { readonly offset: number; readonly length: number }[] = [];
  const numbers = new Map<string, number>();
  const known = new Map<string, readonly string[]>();
  for (const { line, offset, length } of readRecords(path)) {
    if ("failed" in line) continue;
    const { file, label, predicted, confidence, trueProbability, rank, entropy, flags } = line.record;
    // Most images have the same few flags, or none.
    const key = flags.join();
    if (!known.has(key)) known.set(key, flags);
    numbers.set(file, images.length);
    images.push({ file, label, predicted, confidence, trueProbability, rank, entropy, flags: known.get(key)! });
    places.push({ offset, length });
  }
  return {
    header, length: images.length, at: (image) => images[image]!,
    indexOf: (file) => numbers.get(file),
    record: (image) => {
      const { offset, length } = places[image]!;
      const line = readLine(readPart(path, offset, length));
      if (!line || !("record" in line) || line.record.file !== images[image]!.file) throw new WhylightError("auditMissing", { path: audit });
      return line.record;
    },
  };
}

function readPart(path: string, offset: number, length: number): string {
  const descriptor = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    return bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, length, offset));
  } finally {
    closeSync(descriptor);
  }
}
