/** @file An audit's records as a Parquet file, which SQL and data frames read: a row per image, failed ones too. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { auditFiles } from "../../protocol/audit.js";
import { unwritable } from "../writing.js";
import { readHeader, readRecords, recordPath } from "./recordFile.js";
import type { RecordLine } from "./recordLine.js";

/** The columns. Add some; never rename or remove one: people's queries depend on them. `null` where a row has no such value. */
export const tableColumns = [
  { name: "file", type: "STRING", nullable: false },
  { name: "label", type: "INT32" }, { name: "label_name", type: "STRING" },
  { name: "predicted", type: "INT32" }, { name: "predicted_name", type: "STRING" },
  { name: "confidence", type: "DOUBLE" }, { name: "true_probability", type: "DOUBLE" }, { name: "rank", type: "INT32" }, { name: "correct", type: "BOOLEAN" },
  { name: "entropy", type: "DOUBLE" }, { name: "width", type: "INT32" }, { name: "height", type: "INT32" }, { name: "flags", type: "STRING" }, { name: "hash", type: "STRING" },
  { name: "error", type: "STRING" },
] as const;

type Row = { readonly [Name in (typeof tableColumns)[number]["name"]]: string | number | boolean | null };

/** Rows that are in memory at once. */
const rowsAtOnce = 1024;

/** Writes the table, whole or not at all. Throws `outputUnwritable`. */
export async function writeTable(audit: string): Promise<void> {
  const { fileWriter, parquetWriteRows } = await import("hyparquet-writer");
  const path = join(audit, auditFiles.table);
  const draft = `${path}.draft`;
  try {
    await parquetWriteRows({ writer: fileWriter(draft), columns: [...tableColumns], rows: rowsOf(audit), rowGroupSize: rowsAtOnce, createdBy: "whylight" });
    renameSync(draft, path);
  } catch (thrown) {
    throw unwritable(path, thrown);
  }
}

function* rowsOf(audit: string): Generator<Row> {
  const labels = readHeader(recordPath(audit))?.labels ?? [];
  for (const { line } of readRecords(recordPath(audit))) yield rowOf(line, (index) => labels[index] ?? `class ${index}`);
}

const noValues: Omit<Row, "file" | "error"> = {
  label: null, label_name: null, predicted: null, predicted_name: null, confidence: null, true_probability: null, rank: null, correct: null, entropy: null, width: null, height: null, flags: null, hash: null,
};

function rowOf(line: RecordLine, nameOf: (index: number) => string): Row {
  if ("failed" in line) return { ...noValues, file: line.failed.file, error: `${line.failed.code}: ${line.failed.reason}` };
  const { file, label, predicted, confidence, trueProbability, rank, entropy, width, height, flags, hash } = line.record;
  const labelled = label < 0 ? { label: null, label_name: line.unknownLabel ?? null, true_probability: null, rank: null, correct: null }
    : { label, label_name: nameOf(label), true_probability: trueProbability, rank, correct: label === predicted };
  return { file, ...labelled, predicted, predicted_name: nameOf(predicted), confidence, entropy, width, height, flags: flags.join(","), hash, error: null };
}
