/** @file Walks the fields of a protobuf message in a file without reading the large ones. */
import { WhylightError } from "../errors.js";
import type { ByteSource } from "./byteSource.js";
import { readVarint } from "./protobuf.js";

/** A length-delimited field's place in the file, or a varint's value. */
export interface WireField {
  readonly id: number;
  readonly offset: number;
  readonly length: number;
  /** The value of a varint field; NaN for others. */
  readonly value: number;
}

const windowSize = 1 << 16;

/** Serves small reads from one window, so that walking thousands of fields costs few system calls. */
export class WindowedSource {
  readonly #source: ByteSource;
  #window: Uint8Array = new Uint8Array();
  #start = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The bytes of a range; valid until the next call. Throws `modelCorrupt` past the end. */
  bytes(offset: number, length: number): Uint8Array {
    if (offset + length > this.#source.size) throw new WhylightError("modelCorrupt", { path: this.#source.path, reason: "the file ends early" });
    if (offset < this.#start || offset + length > this.#start + this.#window.length) {
      this.#window = this.#source.read(offset, Math.min(Math.max(length, windowSize), this.#source.size - offset));
      this.#start = offset;
    }
    return this.#window.subarray(offset - this.#start, offset - this.#start + length);
  }

  get size(): number {
    return this.#source.size;
  }

  get path(): string {
    return this.#source.path;
  }
}

/** Bytes that the fixed-size wire types take. */
const fixedSizes: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** The fields of the message in `[start, end)`, in file order. Throws `modelCorrupt` on malformed bytes. */
export function* walk(source: WindowedSource, start: number, end: number): Generator<WireField> {
  const corrupt = (reason: string) => new WhylightError("modelCorrupt", { path: source.path, reason });
  const varint = (at: number): [number, number] => {
    try {
      return readVarint(source.bytes(at, Math.min(10, end - at)), 0);
    } catch (cause) {
      throw cause instanceof WhylightError ? cause : corrupt("a field is malformed");
    }
  };
  for (let at = start; at < end; ) {
    const [tag, tagLength] = varint(at);
    const [id, wire] = [Math.floor(tag / 8), tag % 8];
    at += tagLength;
    if (wire === 0) {
      const [value, length] = varint(at);
      yield { id, offset: at, length, value };
      at += length;
    } else if (wire === 2) {
      const [length, lengthLength] = varint(at);
      at += lengthLength;
      if (at + length > end) throw corrupt("the file ends early");
      yield { id, offset: at, length, value: Number.NaN };
      at += length;
    } else {
      const length = fixedSizes[wire];
      if (length === undefined || id === 0) throw corrupt(`field ${id} has wire type ${wire}`);
      yield { id, offset: at, length, value: Number.NaN };
      at += length;
    }
  }
}
