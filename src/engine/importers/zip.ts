/** @file Zip archives read at random: entries that are stored stay in the file as ranges of it, compressed ones are inflated within a bound. Nothing is ever unpacked to disk. */
import { Inflate } from "fflate";
import { WhylightError, type ErrorCode } from "../errors.js";
import type { FileRange } from "../ir/graph.js";
import type { ByteSource } from "./byteSource.js";
import { decodeUtf8 } from "./utf8.js";

/** An archive whose directory was read and checked. */
export interface Zip {
  readonly path: string;
  /** In the order of the directory; folders, whose names end with "/", too. */
  readonly names: readonly string[];
  /** An entry's size in bytes once inflated, as the archive claims; `undefined` where there is no such entry. */
  sizeOf(name: string): number | undefined;
  /** An entry's bytes. Throws `modelCorrupt` where it is missing or damaged, `modelUnsafe` where it is longer than `limit` or than it claims. */
  read(name: string, limit: number): Uint8Array;
  /** Where a stored entry's bytes lie; `undefined` for a compressed one. Throws `modelCorrupt` where it is missing. */
  range(name: string): FileRange | undefined;
}

interface Entry {
  readonly name: string;
  readonly encrypted: boolean;
  readonly method: number;
  readonly compressed: number;
  readonly size: number;
  readonly header: number;
}

const stored = 0;
const deflated = 8;
const endLength = 22;
const headerLength = 30;
/** Directories of real models hold thousands of entries; longer ones would only fill the memory. */
const longestDirectory = 64 * 2 ** 20;
const mostEntries = 1 << 18;
/** Deflate makes nothing smaller than 1/1032 of it, and little longer. */
const bestRatio = 1032;
/** Compressed bytes inflated at once: at the best ratio they give 16 MB. */
const piece = 1 << 14;

type Fail = (reason: string, code?: ErrorCode) => never;

/** Reads the directory of an archive. Throws `modelCorrupt` where there is none, `modelUnsafe` where entries overlap, share a name or lead out of the archive. */
export function openZip(source: ByteSource): Zip {
  const fail: Fail = (reason, code = "modelCorrupt") => {
    throw new WhylightError(code, { path: source.path, reason });
  };
  const entries = readDirectory(source, fail);
  const find = (name: string) => entries.get(name) ?? fail(`${JSON.stringify(name)} is missing in it`);
  return {
    path: source.path,
    names: [...entries.keys()],
    sizeOf: (name) => entries.get(name)?.size,
    read: (name, limit) => {
      const entry = find(name);
      if (entry.size > limit) fail(`its entry ${JSON.stringify(name)} claims ${entry.size} bytes, more than the ${limit} that are read`, "modelUnsafe");
      const bytes = source.read(placeOf(source, entry, fail), entry.compressed);
      return entry.method === stored ? bytes : inflate(bytes, entry, fail);
    },
    range: (name) => {
      const entry = find(name);
      return entry.method === stored ? { file: source.path, offset: placeOf(source, entry, fail), length: entry.size } : undefined;
    },
  };
}

function readDirectory(source: ByteSource, fail: Fail): ReadonlyMap<string, Entry> {
  const { offset, length, count } = findDirectory(source, fail);
  if (offset + length > source.size) fail("it is cut short, or no zip archive");
  if (length > longestDirectory || count > mostEntries) fail(`its directory claims ${count} entries`, "modelUnsafe");
  const bytes = source.read(offset, length);
  const entries = new Map<string, Entry>();
  for (let position = 0, i = 0; i < count; i++) {
    const { entry, next } = readEntry(bytes, position, fail);
    if (entries.has(entry.name)) fail(`it has two entries called ${JSON.stringify(entry.name)}`, "modelUnsafe");
    entries.set(entry.name, entry);
    position = next;
  }
  checkPlaces([...entries.values()], offset, fail);
  return entries;
}

/** The archive's end says where its directory lies; large ones say it in a record of 64-bit numbers before it. */
function findDirectory(source: ByteSource, fail: Fail): { offset: number; length: number; count: number } {
  const tailLength = Math.min(source.size, endLength + 0xffff);
  const tailStart = source.size - tailLength;
  const tail = viewOf(source.read(tailStart, tailLength));
  let end = tailLength - endLength;
  while (end >= 0 && !(tail.getUint32(end, true) === 0x06054b50 && end + endLength + tail.getUint16(end + 20, true) === tailLength)) end--;
  if (end < 0) fail("it is cut short, or no zip archive");
  const classic = { count: tail.getUint16(end + 10, true), length: tail.getUint32(end + 12, true), offset: tail.getUint32(end + 16, true) };
  if (end < 20 || tail.getUint32(end - 20, true) !== 0x07064b50) return classic;
  const place = wide(tail, end - 12, fail);
  if (place + 56 > source.size) fail("it is cut short, or no zip archive");
  const record = viewOf(source.read(place, 56));
  if (record.getUint32(0, true) !== 0x06064b50) fail("its directory is damaged");
  return { count: wide(record, 32, fail), length: wide(record, 40, fail), offset: wide(record, 48, fail) };
}

function readEntry(bytes: Uint8Array, position: number, fail: Fail): { entry: Entry; next: number } {
  const view = viewOf(bytes);
  if (position + 46 > bytes.length || view.getUint32(position, true) !== 0x02014b50) return fail("its directory is damaged");
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) => view.getUint16(position + at, true)) as [number, number, number];
  const nameEnd = position + 46 + nameLength;
  const next = nameEnd + extraLength + commentLength;
  if (next > bytes.length) return fail("its directory is damaged");
  const name = decodeUtf8(bytes.subarray(position + 46, nameEnd));
  if (/^[\\/]|(^|[\\/])\.\.([\\/]|$)|\0/.test(name)) fail(`its entry ${JSON.stringify(name)} leads out of it`, "modelUnsafe");
  const narrow = [24, 20, 42].map((at) => view.getUint32(position + at, true));
  const [size, compressed, header] = widened(narrow, viewOf(bytes.subarray(nameEnd, nameEnd + extraLength)), fail) as [number, number, number];
  const method = view.getUint16(position + 10, true);
  return { entry: { name, encrypted: (view.getUint16(position + 8, true) & 1) !== 0, method, compressed, size, header }, next };
}

/** Numbers that do not fit 32 bits are all ones, and follow in order in the extra field 1. */
function widened(numbers: readonly number[], extra: DataView, fail: Fail): readonly number[] {
  if (!numbers.includes(0xffffffff)) return numbers;
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    return numbers.map((number) => {
      if (number !== 0xffffffff) return number;
      if (next + 8 > extra.byteLength) return fail("its directory is damaged");
      next += 8;
      return wide(extra, next - 8, fail);
    });
  }
  return numbers;
}

/** Entries lie one after the other before the directory. Overlapping ones are how a small archive claims to be an enormous one. */
function checkPlaces(entries: readonly Entry[], directory: number, fail: Fail): void {
  let free = 0;
  for (const { name, header, compressed } of entries.toSorted((a, b) => a.header - b.header)) {
    if (header < free) fail(`its entry ${JSON.stringify(name)} overlaps another`, "modelUnsafe");
    free = header + headerLength + compressed;
    if (free > directory) fail(`its entry ${JSON.stringify(name)} claims to lie where the archive has none`, "modelUnsafe");
  }
}

/** Where an entry's bytes begin: its own header repeats its name, and has fields of its own after it. */
function placeOf(source: ByteSource, { name, method, encrypted, compressed, size, header }: Entry, fail: Fail): number {
  const quoted = JSON.stringify(name);
  if (encrypted) fail(`its entry ${quoted} is encrypted`);
  if (method !== stored && method !== deflated) fail(`its entry ${quoted} is compressed by method ${method}, which is not read`);
  if (method === stored ? size !== compressed : size > compressed * bestRatio || compressed > size + size / 100 + 1024) fail(`its entry ${quoted} claims ${size} bytes out of ${compressed}`, "modelUnsafe");
  const local = viewOf(source.read(header, headerLength));
  const nameLength = local.getUint16(26, true);
  const start = header + headerLength + nameLength + local.getUint16(28, true);
  if (local.getUint32(0, true) !== 0x04034b50 || start + compressed > source.size || decodeUtf8(source.read(header + headerLength, nameLength)) !== name) fail(`its entry ${quoted} is damaged`);
  return start;
}

/** Inflates piece by piece, so that a stream longer than it claims is left as soon as it shows. */
function inflate(bytes: Uint8Array, { name, size }: Entry, fail: Fail): Uint8Array {
  const result = new Uint8Array(size);
  let length = 0;
  const stream = new Inflate((chunk) => {
    if (length + chunk.length > size) fail(`its entry ${JSON.stringify(name)} is longer than the ${size} bytes it claims`, "modelUnsafe");
    result.set(chunk, length);
    length += chunk.length;
  });
  try {
    for (let at = 0; at < bytes.length; at += piece) stream.push(bytes.subarray(at, at + piece), at + piece >= bytes.length);
  } catch (thrown) {
    if (thrown instanceof WhylightError) throw thrown;
    return fail(`its entry ${JSON.stringify(name)} is damaged`);
  }
  return length === size ? result : fail(`its entry ${JSON.stringify(name)} is damaged`);
}

/** A 64-bit number; those beyond 2^53 are no places in any file. */
function wide(view: DataView, at: number, fail: Fail): number {
  const value = Number(view.getBigUint64(at, true));
  return Number.isSafeInteger(value) ? value : fail(`its directory claims ${value} bytes`, "modelUnsafe");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
