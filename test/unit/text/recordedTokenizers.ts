/** @file What the Python library `tokenizers` made of 5,000 strings, as test/fixtures/text/tokenizers/record.py wrote it. */
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { fixture } from "../readReference.js";

/** One string or pair of strings, and its tokens with offsets in code points, as Python counts them. */
export interface RecordedEncoding {
  readonly text: string;
  readonly pair: string | undefined;
  readonly tokens: readonly (readonly [id: number, start: number, end: number, type: number])[];
}

export interface RecordedTokenizer {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly encodings: readonly RecordedEncoding[];
}

interface Strings {
  readonly strings: readonly string[];
  readonly pairs: readonly (readonly [number, number])[];
}

function read(name: string): Buffer {
  return brotliDecompressSync(readFileSync(fixture("text", "tokenizers", `${name}.br`)));
}

const recordedStrings = JSON.parse(read("strings.json").toString("utf8")) as Strings;

/** The strings, each of them once. */
export const { strings } = recordedStrings;

/** Everything recorded of one group of tokenizers. */
export function readRecorded(group: "tokenizers" | "steps" | "folders"): readonly RecordedTokenizer[] {
  const bytes = read(group);
  const bodies = 4 + bytes.readUInt32LE(0);
  const header = JSON.parse(bytes.toString("utf8", 4, bodies)) as Record<string, { files: Record<string, string>; start: number; length: number }>;
  return Object.entries(header).map(([name, { files, start, length }]) => ({ name, files, encodings: encodingsOf(bytes.subarray(bodies + start, bodies + start + length)) }));
}

function encodingsOf(bytes: Uint8Array): RecordedEncoding[] {
  const body = integers(bytes);
  let index = 0;
  const singles = Array.from({ length: body.next() }, () => ({ text: strings[(index += body.signed())]!, pair: undefined as string | undefined }));
  const pairs = recordedStrings.pairs.map(([text, pair]) => ({ text: strings[text]!, pair: strings[pair] }));
  const [counts, ids, starts, lengths, types] = Array.from({ length: 5 }, () => integers(body.take(body.next()))) as [Integers, Integers, Integers, Integers, Integers];
  return [...singles, ...pairs].map(({ text, pair }) => {
    let last = 0;
    const tokens = Array.from({ length: counts.next() }, () => {
      const start = (last += starts.signed());
      return [ids.next(), start, start + lengths.signed(), pair === undefined ? 0 : types.next()] as [number, number, number, number];
    });
    return { text, pair, tokens };
  });
}

/** Offsets of our tokens as Python counts them: for each code unit of a text, the index of the code point that begins there; NaN in the middle of one. */
export function codePointIndices(text: string): readonly number[] {
  const indices: number[] = [];
  let index = 0;
  for (const character of text) {
    indices.push(index++);
    if (character.length === 2) indices.push(NaN);
  }
  return [...indices, index];
}

interface Integers {
  next(): number;
  signed(): number;
  take(length: number): Uint8Array;
}

/** Variable-length integers, seven bits a byte, the lowest first; signed ones alternate. */
function integers(bytes: Uint8Array): Integers {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  return {
    next,
    signed: () => {
      const value = next();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    },
    take: (length) => bytes.subarray(at, (at += length)),
  };
}
