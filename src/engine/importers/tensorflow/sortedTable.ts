/** @file The sorted string tables of LevelDB, as TensorFlow keeps its checkpoints' indexes in: keys with values, in blocks that leave out what a key shares with the one before. */
import { WhylightError } from "../../errors.js";
import type { ByteSource } from "../byteSource.js";
import { readVarint } from "../protobuf.js";
import { decodeUtf8 } from "../utf8.js";

const footerLength = 48;
const magic = 0xdb4775248b80fb57n;
/** A byte for the kind of compression and four for a checksum follow each block. */
const trailerLength = 5;
/** TensorFlow's blocks have 256 KB; an index of all of them is shorter. */
const longestBlock = 64 * 2 ** 20;
const mostEntries = 4_000_000;

interface Handle {
  readonly offset: number;
  readonly length: number;
}

/** Every key with its value, in the order of the keys. Throws `modelCorrupt` for anything but a whole table without compression. */
export function* tableEntries(source: ByteSource): Generator<readonly [key: string, value: Uint8Array]> {
  const fail = failure(source.path);
  if (source.size < footerLength) throw fail("it is too short for an index");
  const footer = source.read(source.size - footerLength, footerLength);
  if (new DataView(footer.buffer, footer.byteOffset).getBigUint64(footerLength - 8, true) !== magic) throw fail("it is no index of a checkpoint");
  const [, metaLength] = readHandle(footer, 0, fail);
  const [index] = readHandle(footer, metaLength, fail);
  let count = 0;
  for (const [, place] of blockEntries(readBlock(source, index, fail), fail)) {
    for (const entry of blockEntries(readBlock(source, readHandle(place, 0, fail)[0], fail), fail)) {
      if (++count > mostEntries) throw fail("it has more entries than any model");
      yield [decodeUtf8(entry[0]), entry[1]];
    }
  }
}

type Failure = (reason: string) => WhylightError;
const failure = (path: string): Failure => (reason) => new WhylightError("modelCorrupt", { path, reason });

function number(bytes: Uint8Array, at: number, fail: Failure): [value: number, next: number] {
  try {
    const [value, length] = readVarint(bytes, at);
    return [value, at + length];
  } catch {
    throw fail("a number in it is malformed");
  }
}

function readHandle(bytes: Uint8Array, at: number, fail: Failure): [handle: Handle, next: number] {
  const [offset, middle] = number(bytes, at, fail);
  const [length, next] = number(bytes, middle, fail);
  return [{ offset, length }, next];
}

function readBlock(source: ByteSource, { offset, length }: Handle, fail: Failure): Uint8Array {
  if (length > longestBlock || offset + length + trailerLength > source.size || length < 4) throw fail("a block of it lies outside");
  const bytes = source.read(offset, length + trailerLength);
  if (bytes[length] !== 0) throw fail("it is compressed, which TensorFlow's own indexes are not");
  return bytes.subarray(0, length);
}

/** The entries of a block; its end lists where keys stand whole, which only matters to searches. */
function* blockEntries(block: Uint8Array, fail: Failure): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
  const restarts = new DataView(block.buffer, block.byteOffset).getUint32(block.length - 4, true);
  const end = block.length - 4 - 4 * restarts;
  if (end < 0) throw fail("a block of it is malformed");
  let key: Uint8Array = new Uint8Array();
  for (let at = 0; at < end;) {
    const [shared, afterShared] = number(block, at, fail);
    const [own, afterOwn] = number(block, afterShared, fail);
    const [length, start] = number(block, afterOwn, fail);
    at = start + own + length;
    if (shared > key.length || at > end) throw fail("a block of it is malformed");
    const next = new Uint8Array(shared + own);
    next.set(key.subarray(0, shared));
    next.set(block.subarray(start, start + own), shared);
    key = next;
    yield [key, block.subarray(start + own, at)];
  }
}
