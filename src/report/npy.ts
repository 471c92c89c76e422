/** @file NumPy's file format, version 1.0 (NEP 1): what `numpy.load` reads. */
import type { PlainTensor } from "../engine/attribution/parameters.js";

/** The whole header, magic and length included, is a multiple of this. */
const alignment = 64;

/** A float32 tensor in row-major order as the bytes of a `.npy` file. */
export function writeNpy({ shape, data }: PlainTensor): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const plain = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims}), }`;
  const length = Math.ceil((10 + plain.length + 1) / alignment) * alignment - 10;
  const header = new TextEncoder().encode(`${plain.padEnd(length - 1)}\n`);
  const bytes = new Uint8Array(10 + length + data.length * 4);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, length, true);
  bytes.set(header, 10);
  for (let i = 0; i < data.length; i++) view.setFloat32(10 + length + i * 4, data[i]!, true);
  return bytes;
}
