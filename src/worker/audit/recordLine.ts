/** @file A record of an audit as a line of its file, and back: JSON with its arrays as 16-bit numbers in base64. */
import { mapSide, type AuditRecord, type FailedImage } from "../../engine/audit/record.js";

/** An audited image with the label it bears where the model has no such class. */
export interface AuditedLine {
  readonly record: AuditRecord;
  readonly unknownLabel?: string | undefined;
}

export type RecordLine = AuditedLine | { readonly failed: FailedImage };

type StoredRecord = Omit<AuditRecord, "map" | "features"> & { readonly map?: string; readonly features?: string; readonly unknownLabel?: string };

/** Maps are shares of one, features parts of a vector of length one. */
const mapUnit = 65_535;
const featureUnit = 32_767;

/** A record with every number as a line holds it, so that an audit that was resumed and one that ran through say the same. */
export function asWritten(record: AuditRecord): AuditRecord {
  return {
    ...record, confidence: short(record.confidence), trueProbability: short(record.trueProbability), entropy: short(record.entropy), top: record.top.map(([index, probability]) => [index, short(probability)] as const),
    map: record.map?.map((value) => Math.round(value * mapUnit) / mapUnit), features: record.features?.map((value) => Math.round(value * featureUnit) / featureUnit),
  };
}

/** One line with its end. Names of files cannot break it: JSON writes line breaks as letters. */
export function writeLine(line: RecordLine): string {
  if ("failed" in line) return `${JSON.stringify(line.failed)}\n`;
  const { map, features, ...rest } = asWritten(line.record);
  const stored: StoredRecord = {
    ...rest, ...(line.unknownLabel === undefined ? {} : { unknownLabel: line.unknownLabel }),
    ...(map && { map: toBase64(Uint16Array.from(map, (value) => Math.round(value * mapUnit))) }),
    ...(features && { features: toBase64(Int16Array.from(features, (value) => Math.round(value * featureUnit))) }),
  };
  return `${JSON.stringify(stored)}\n`;
}

/** What a line says; `undefined` for one that was not written whole, or that somebody changed into something else. */
export function readLine(text: string): RecordLine | undefined {
  const stored = parse(text) as (StoredRecord & FailedImage) | undefined;
  if (typeof stored?.file !== "string") return undefined;
  if (typeof stored.code === "string") return { failed: { file: stored.file, code: stored.code, reason: String(stored.reason) } };
  if (!isRecord(stored)) return undefined;
  const { map, features, unknownLabel, ...rest } = stored;
  return {
    unknownLabel,
    record: {
      ...rest,
      map: map === undefined ? undefined : Float32Array.from(new Uint16Array(fromBase64(map)), (value) => value / mapUnit),
      features: features === undefined ? undefined : Float32Array.from(new Int16Array(fromBase64(features)), (value) => value / featureUnit),
    },
  };
}

const numberFields = ["label", "predicted", "confidence", "trueProbability", "rank", "entropy", "width", "height"] as const;
const isNumbers = (values: unknown) => Array.isArray(values) && values.every((value) => Number.isFinite(value));

function isRecord({ top, flags, hash, map, features, ...rest }: Partial<StoredRecord>): boolean {
  return isNumbers(numberFields.map((name) => rest[name])) && Array.isArray(top) && top.length > 0 && top.every((pair) => isNumbers(pair) && pair.length === 2) && Array.isArray(flags) && /^[0-9a-f]{16}$/.test(String(hash))
    && (map === undefined || Buffer.from(String(map), "base64").length === 2 * mapSide ** 2) && (features === undefined || Buffer.from(String(features), "base64").length % 2 === 0);
}

/** The file that a line is about. */
export function fileOf(line: RecordLine): string {
  return "failed" in line ? line.failed.file : line.record.file;
}

/** More digits than a float32 has. */
const short = (value: number) => Number(value.toPrecision(9));

function toBase64({ buffer, byteOffset, byteLength }: Uint16Array | Int16Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

/** In memory of its own, at an address that fits any type. */
function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(text, "base64")).buffer;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
