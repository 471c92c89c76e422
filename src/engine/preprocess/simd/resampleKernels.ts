/** @file Both passes of resampling as WebAssembly kernels that work on four numbers at a time. */
import {
  add, addNumbers, assemble, get, highHalves, highNumbers, inAllLanes, loadBytes, loadFour, loadInAllLanes, loadNumber, loop, lowHalves, lowNumbers, multiply, multiplyNumbers, number, set, shiftRight, store, storeFirst, toBytes,
  toHalves, type Code, type Kernel,
} from "./assemble.js";

const wordSize = 4;
const vectorSize = 16;

/** The places of locals by their names, parameters first. */
function locals<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, i) => [name, i])) as Record<Name, number>;
}

const assign = (local: number, ...value: readonly Code[]): Code => [...value.flat(), ...set(local)];
const sum = (a: Code, b: Code): Code => [...a, ...b, ...add];
const product = (a: Code, b: Code): Code => [...a, ...b, ...multiply];
/** The i-th number of a table. */
const entry = (table: number, i: number): Code => [...sum(get(table), product(get(i), number(wordSize))), ...loadNumber];

/**
 * One row of RGB pixels: every output pixel is the sum of its input pixels times their weights. Writes four bytes per pixel, of which the next pixel overwrites the last,
 * and reads one byte beyond the row's last pixel.
 */
function columnsKernel(rounding: number, bits: number): Kernel {
  const at = locals("source", "starts", "counts", "weights", "stride", "outWidth", "target", "x", "read", "weight", "end", "sums");
  return {
    name: "columns", parameters: 7, numbers: 4, vectors: 1,
    body: [
      assign(at.x, number(0)),
      loop(at.x, get(at.outWidth), 1,
        assign(at.sums, number(rounding), inAllLanes),
        assign(at.read, sum(get(at.source), product(entry(at.starts, at.x), number(3)))),
        assign(at.weight, sum(get(at.weights), product(product(get(at.x), get(at.stride)), number(wordSize)))),
        assign(at.end, sum(get(at.weight), product(entry(at.counts, at.x), number(wordSize)))),
        loop(at.weight, get(at.end), wordSize,
          assign(at.sums, get(at.sums), get(at.read), loadFour, lowHalves, lowNumbers, get(at.weight), loadInAllLanes, multiplyNumbers, addNumbers),
          assign(at.read, sum(get(at.read), number(3)))),
        assign(at.sums, get(at.sums), number(bits), shiftRight),
        get(at.target), get(at.sums), get(at.sums), toHalves, get(at.sums), toBytes, storeFirst,
        assign(at.target, sum(get(at.target), number(3)))),
    ],
  };
}

/** One row of the second pass, `length` bytes of all channels alike: the sum of input rows times their weights. Works on 16 bytes at a time, so it writes up to 15 bytes beyond. */
function rowsKernel(rounding: number, bits: number): Kernel {
  const at = locals("source", "length", "weights", "end", "target", "i", "read", "weight", "bytes", "factor", "a", "b", "c", "d");
  const sums = [at.a, at.b, at.c, at.d];
  const widen: readonly (readonly Code[])[] = [[lowHalves, lowNumbers], [lowHalves, highNumbers], [highHalves, lowNumbers], [highHalves, highNumbers]];
  const shifted = (local: number): Code => [...get(local), ...number(bits), ...shiftRight];
  return {
    name: "rows", parameters: 5, numbers: 3, vectors: 6,
    body: [
      assign(at.i, number(0)),
      loop(at.i, get(at.length), vectorSize,
        ...sums.map((local) => assign(local, number(rounding), inAllLanes)),
        assign(at.read, sum(get(at.source), get(at.i))),
        assign(at.weight, get(at.weights)),
        loop(at.weight, get(at.end), wordSize,
          assign(at.bytes, get(at.read), loadBytes),
          assign(at.factor, get(at.weight), loadInAllLanes),
          ...sums.map((local, lane) => assign(local, get(local), get(at.bytes), ...widen[lane]!, get(at.factor), multiplyNumbers, addNumbers)),
          assign(at.read, sum(get(at.read), get(at.length)))),
        sum(get(at.target), get(at.i)),
        shifted(at.a), shifted(at.b), toHalves, shifted(at.c), shifted(at.d), toHalves, toBytes, store),
    ],
  };
}

/** The module of both kernels for fixed-point weights of so many bits. */
export function resampleModule(bits: number): Uint8Array<ArrayBuffer> {
  return assemble([columnsKernel(1 << (bits - 1), bits), rowsKernel(1 << (bits - 1), bits)]);
}
