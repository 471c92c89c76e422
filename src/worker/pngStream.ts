/** @file PNG from bands of rows, for pictures that are too large to lie in memory whole (PNG specification, W3C 2003). */
import { once } from "node:events";
import { crc32, createDeflate } from "node:zlib";

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const bitDepth = 8;
const trueColor = 2;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** Each row as the difference to the pixel on its left (filter 1), which photographs compress better by. */
function filtered(rgb: Uint8Array | Uint8ClampedArray, width: number): Uint8Array {
  const stride = 3 * width;
  const rows = rgb.length / stride;
  const result = new Uint8Array(rows * (stride + 1));
  for (let row = 0; row < rows; row++) {
    const [read, write] = [row * stride, row * (stride + 1)];
    result[write] = 1;
    for (let i = 0; i < stride; i++) result[write + 1 + i] = rgb[read + i]! - (i < 3 ? 0 : rgb[read + i - 3]!);
  }
  return result;
}

/** The PNG of a picture whose RGB rows come in bands of whole rows, from the top. */
export async function encodePng(width: number, height: number, bands: AsyncIterable<Uint8Array | Uint8ClampedArray>): Promise<Uint8Array> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, trueColor, 0, 0, 0], 8);
  const parts: Uint8Array[] = [signature, chunk("IHDR", header)];
  const deflate = createDeflate({ level: 3, chunkSize: 1 << 20 });
  deflate.on("data", (data: Buffer) => parts.push(chunk("IDAT", data)));
  const ended = once(deflate, "end");
  for await (const band of bands) if (!deflate.write(filtered(band, width))) await once(deflate, "drain");
  deflate.end();
  await ended;
  parts.push(chunk("IEND", new Uint8Array(0)));
  return new Uint8Array(Buffer.concat(parts));
}
