/** @file A pickle's bytes in order, read by windows so that the weights behind it stay in the file. */
import type { ByteSource } from "../byteSource.js";
import { decodeUtf8 } from "../utf8.js";

const windowLength = 1 << 16;
/** Names and decimal numbers end with a line; longer ones are none. */
const longestLine = 4096;

/** Little-endian numbers, texts and bytes from a position on. Reading past the end throws `modelCorrupt`. */
export class PickleInput {
  position: number;
  readonly #source: ByteSource;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;

  constructor(source: ByteSource, position = 0) {
    this.#source = source;
    this.position = position;
  }

  /** Bytes left. */
  get rest(): number {
    return this.#source.size - this.position;
  }

  bytes(length: number): Uint8Array {
    if (this.position < this.#start || this.position + length > this.#start + this.#window.length) {
      if (length > windowLength || length > this.rest) {
        const bytes = this.#source.read(this.position, length);
        this.position += length;
        return bytes;
      }
      this.#start = this.position;
      this.#window = this.#source.read(this.position, Math.min(windowLength, this.rest));
    }
    const begin = this.position - this.#start;
    this.position += length;
    return this.#window.subarray(begin, begin + length);
  }

  /** One byte. Most of a pickle is read so, and a view of the window each time would cost more than all the rest. */
  byte(): number {
    const byte = this.#window[this.position - this.#start];
    if (byte === undefined) return this.bytes(1)[0]!;
    this.position++;
    return byte;
  }

  unsigned(length: 1 | 2 | 4): number {
    let value = 0;
    for (let i = 0; i < length; i++) value += this.byte() * 256 ** i;
    return value;
  }

  /** A length of 8 bytes; those beyond 2^53 stay beyond the end of any file. */
  length(): number {
    return Number(viewOf(this.bytes(8)).getBigUint64(0, true));
  }

  signed(): number {
    return this.unsigned(4) | 0;
  }

  /** The one number that stands big-endian. */
  double(): number {
    return viewOf(this.bytes(8)).getFloat64(0, false);
  }

  text(length: number): string {
    return decodeUtf8(this.bytes(length));
  }

  /** The text before the next line feed; `undefined` where none comes soon. */
  line(): string | undefined {
    const reach = Math.min(longestLine, this.rest);
    const end = this.bytes(reach).indexOf(10);
    this.position -= reach;
    if (end < 0) return undefined;
    const text = this.text(end);
    this.position += 1;
    return text;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
