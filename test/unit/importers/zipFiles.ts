/** @file Zip archives written byte by byte, so that they may lie. */
import { deflateRawSync } from "node:zlib";

/** An entry: its bytes, and whatever its headers claim in place of the truth. */
export interface ZipPart {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  /** The name in the entry's own header. */
  readonly localName?: string;
  readonly claims?: { readonly size?: number; readonly compressed?: number; readonly header?: number; readonly method?: number; readonly flags?: number };
  /** Sizes and place as 64-bit numbers in the extra field. */
  readonly zip64?: boolean;
}

export interface ZipEnd {
  readonly count?: number;
  readonly length?: number;
  readonly offset?: number;
  /** Numbers of the 64-bit end record; without it there is none. */
  readonly zip64?: { readonly count?: bigint; readonly length?: bigint; readonly offset?: bigint };
  readonly comment?: string;
}

const number = (size: 2 | 4, value: number) => {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value, 0, size);
  return bytes;
};
const wide = (value: bigint | number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

/** The archive of `parts`, with the end record's truth replaced by `end`. */
export function zipOf(parts: readonly ZipPart[], end: ZipEnd = {}): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const body = part.deflate ? deflateRawSync(part.data) : Buffer.from(part.data);
    const name = Buffer.from(part.name);
    const method = part.claims?.method ?? (part.deflate ? 8 : 0);
    const size = part.claims?.size ?? part.data.length;
    const compressed = part.claims?.compressed ?? body.length;
    const header = part.claims?.header ?? offset;
    const localName = Buffer.from(part.localName ?? part.name);
    const local = Buffer.concat([number(4, 0x04034b50), number(2, 45), number(2, 0), number(2, method), number(4, 0), number(4, 0), number(4, 0), number(4, 0), number(2, localName.length), number(2, 0), localName]);
    const extra = part.zip64 ? Buffer.concat([number(2, 1), number(2, 24), wide(size), wide(compressed), wide(header)]) : Buffer.alloc(0);
    const narrow = (value: number) => number(4, part.zip64 ? 0xffffffff : value);
    directory.push(Buffer.concat([
      number(4, 0x02014b50), number(2, 45), number(2, 45), number(2, part.claims?.flags ?? 0), number(2, method), number(4, 0), number(4, 0), narrow(compressed), narrow(size),
      number(2, name.length), number(2, extra.length), number(2, 0), number(2, 0), number(2, 0), number(4, 0), narrow(header), name, extra,
    ]));
    pieces.push(local, body);
    offset += local.length + body.length;
  }
  const central = Buffer.concat(directory);
  const wideEnd = end.zip64 && Buffer.concat([
    number(4, 0x06064b50), wide(44), number(2, 45), number(2, 45), number(4, 0), number(4, 0), wide(parts.length), wide(end.zip64.count ?? parts.length), wide(end.zip64.length ?? central.length), wide(end.zip64.offset ?? offset),
    number(4, 0x07064b50), number(4, 0), wide(offset + central.length), number(4, 1),
  ]);
  const comment = Buffer.from(end.comment ?? "");
  return Buffer.concat([
    ...pieces, central, ...(wideEnd ? [wideEnd] : []), number(4, 0x06054b50), number(2, 0), number(2, 0), number(2, Math.min(parts.length, 0xffff)), number(2, end.count ?? Math.min(parts.length, 0xffff)),
    number(4, end.length ?? (wideEnd ? 0xffffffff : central.length)), number(4, end.offset ?? (wideEnd ? 0xffffffff : offset)), number(2, comment.length), comment,
  ]);
}
