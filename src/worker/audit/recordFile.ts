/** @file The file of an audit's records: a header, then a line per image, only ever appended to, so that a run that was killed loses at most a line. */
import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import type { OutputActivation, Preprocess } from "../../engine/preprocess/description.js";
import { auditFiles } from "../../protocol/audit.js";
import { orUnwritable, writeWhole } from "../writing.js";
import { lockFolder } from "./lockFolder.js";
import { fileOf, readLine, writeLine, type RecordLine } from "./recordLine.js";

/** What all records of a file have in common: the first line. */
export interface AuditHeader {
  readonly audit: 1;
  readonly model: { readonly path: string; readonly sha256: string };
  readonly folder: string;
  readonly labelsFrom: string;
  /** Of the labels file; `undefined` for folders' names. */
  readonly labelsSha256: string | undefined;
  readonly labels: readonly string[];
  readonly preprocess: Preprocess;
  readonly activation: OutputActivation;
  readonly layer: string | undefined;
  readonly started: string;
  readonly runtime: string;
}

/** A line with the place where it stands. */
export interface PlacedLine {
  readonly line: RecordLine;
  readonly offset: number;
  readonly length: number;
}

export interface RecordFile {
  readonly header: AuditHeader;
  /** The bytes of whole lines that were there when it was opened. */
  readonly kept: number;
  append(lines: readonly RecordLine[]): void;
  close(): void;
}

const newline = 0x0a;
const pieceSize = 1 << 20;

/** The path of an audit's records. */
export const recordPath = (audit: string) => join(audit, auditFiles.records);

/**
 * Opens the records in a folder for appending, after cutting off what a killed run left half written. Throws `auditExists` where there are records and `resume` is not set,
 * `auditMismatch` where they were made in another way or another run writes them now, `outputUnwritable`.
 */
export function openRecords(audit: string, header: AuditHeader, resume: boolean): RecordFile {
  const path = recordPath(audit);
  orUnwritable(path, () => mkdirSync(audit, { recursive: true }));
  const unlock = lockFolder(audit);
  try {
    const stored = existsSync(path) ? readHeader(path) : undefined;
    if (stored && !resume) throw new WhylightError("auditExists", { path: audit });
    const difference = stored && differenceOf(stored, header);
    if (difference !== undefined) throw new WhylightError("auditMismatch", { path: audit, reason: difference });
    const descriptor = orUnwritable(path, () => openSync(path, "a+"));
    const kept = stored ? endOfLines(path) : 0;
    orUnwritable(path, () => ftruncateSync(descriptor, kept));
    const write = (text: string) => orUnwritable(path, () => writeWhole(descriptor, Buffer.from(text)));
    if (!stored) write(`${JSON.stringify(header)}\n`);
    return {
      header: stored ?? header, kept,
      append: (lines) => {
        write(lines.map(writeLine).join(""));
        unlock.touch();
      },
      close: () => {
        orUnwritable(path, () => fsyncSync(descriptor));
        closeSync(descriptor);
        unlock.release();
      },
    };
  } catch (thrown) {
    unlock.release();
    throw thrown;
  }
}

/** The header of the records; `undefined` where not even that was written whole. Throws `auditMissing` where there is no such file. */
export function readHeader(path: string): AuditHeader | undefined {
  for (const { text } of rawLines(path)) {
    try {
      const header = JSON.parse(text) as AuditHeader;
      if (header.audit === 1) return header;
    } catch {
      // Told below: it is no header.
    }
    throw new WhylightError("auditMismatch", { path, reason: "its first line is no header of an audit" });
  }
  return undefined;
}

/** Every record, in the order they were written, without taking the file into memory. A line that is torn or not understood is left out, and so is an image's second one. */
export function* readRecords(path: string): Generator<PlacedLine> {
  const seen = new Set<string>();
  let isHeader = true;
  for (const { text, offset, length } of rawLines(path)) {
    if (!isHeader) {
      const line = readLine(text);
      const file = line && fileOf(line);
      if (line && file !== undefined && !seen.has(file)) {
        seen.add(file);
        yield { line, offset, length };
      }
    }
    isHeader = false;
  }
}

/** Why records made with one header cannot go on with another; `undefined` where they can. */
function differenceOf(stored: AuditHeader, wanted: AuditHeader): string | undefined {
  if (stored.model.sha256 !== wanted.model.sha256) return "it was made with another model, or the model has changed since";
  if (stored.folder !== wanted.folder) return `it is about the folder ${stored.folder}`;
  if (JSON.stringify(stored.preprocess) !== JSON.stringify(wanted.preprocess)) return "images are now prepared in another way";
  // The oldest audits knew one way only.
  if ((stored.activation ?? "softmax") !== wanted.activation) return "probabilities are now made of the scores in another way";
  if (stored.labelsFrom !== wanted.labelsFrom || stored.labelsSha256 !== wanted.labelsSha256) return `its labels came from ${stored.labelsFrom}, or have changed since`;
  if (JSON.stringify(stored.labels) !== JSON.stringify(wanted.labels)) return "the model's classes have other names now";
  if (stored.layer !== wanted.layer) return `its maps are of the layer ${stored.layer ?? "none"}`;
  return undefined;
}

/** Lines that end, with their places in bytes; what follows the last line end is torn. */
function* rawLines(path: string): Generator<{ readonly text: string; readonly offset: number; readonly length: number }> {
  const descriptor = openOrMissing(path);
  try {
    const piece = Buffer.alloc(pieceSize);
    let rest: Buffer = Buffer.alloc(0);
    let offset = 0;
    for (let at = 0; ;) {
      const count = readSync(descriptor, piece, 0, pieceSize, at);
      if (count === 0) return;
      at += count;
      const bytes: Buffer = Buffer.concat([rest, piece.subarray(0, count)]);
      let start = 0;
      for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
        yield { text: bytes.toString("utf8", start, end), offset, length: end - start };
        offset += end + 1 - start;
        start = end + 1;
      }
      rest = bytes.subarray(start);
    }
  } finally {
    closeSync(descriptor);
  }
}

function endOfLines(path: string): number {
  let end = 0;
  for (const { offset, length } of rawLines(path)) end = offset + length + 1;
  return end;
}

function openOrMissing(path: string): number {
  try {
    if (statSync(path).isFile()) return openSync(path, "r");
  } catch {
    // Told below.
  }
  throw new WhylightError("auditMissing", { path: dirname(path) });
}
