/** @file A small assembler of WebAssembly: just what kernels over pixels need, by the names of the specification (webassembly.github.io/spec, core 2.0). */

/** The bytes of instructions. */
export type Code = readonly number[];

/** LEB128 of a whole number from 0. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const byte = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
  return isLast ? [byte] : [byte | 0x80, ...signed(rest)];
}

const [i32Type, v128Type, functionType, noResult] = [0x7f, 0x7b, 0x60, 0x40];
const simd = (code: number): Code => [0xfd, ...unsigned(code)];
/** Without alignment; `offset` is added to the address on the stack. */
const memory = (opcode: Code, offset = 0): Code => [...opcode, 0, ...unsigned(offset)];

/** Instructions; what they take is pushed before them. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const number = (value: number): Code => [0x41, ...signed(value)];
export const add: Code = [0x6a];
export const multiply: Code = [0x6c];
export const loadNumber = memory([0x28]);

/** Loads: 16 bytes; four with zeros behind them; one number in all four lanes. `store` and `storeFirst` write 16 bytes, or the first four. */
export const loadBytes = memory(simd(0x00));
export const loadFour = memory(simd(0x5c));
export const loadInAllLanes = memory(simd(0x09));
export const store = memory(simd(0x0b));
export const storeFirst: Code = [...memory(simd(0x5a)), 0];
export const inAllLanes = simd(0x11);
/** Bytes to halves to numbers, without sign: the lower or the upper ones. */
export const [lowHalves, highHalves, lowNumbers, highNumbers] = [simd(0x89), simd(0x8a), simd(0xa9), simd(0xaa)] as const;
export const [addNumbers, multiplyNumbers, shiftRight] = [simd(0xae), simd(0xb5), simd(0xac)] as const;
/** Numbers to halves with sign, halves to bytes without: what does not fit becomes the nearest that does. */
export const [toHalves, toBytes] = [simd(0x85), simd(0x66)] as const;

/** The body for every value of `local`, which starts as it is, below `limit`. */
export function loop(local: number, limit: Code, step: number, ...body: readonly Code[]): Code {
  const [greaterOrEqual, branchIf, branch, block, again, end] = [0x4e, 0x0d, 0x0c, 0x02, 0x03, 0x0b];
  return [
    block, noResult, again, noResult, ...get(local), ...limit, greaterOrEqual, branchIf, 1,
    ...body.flat(), ...get(local), ...number(step), ...add, ...set(local), branch, 0, end, end,
  ];
}

/** A function of numbers without a result. Locals are counted from the parameters on: first the numbers, then the vectors. */
export interface Kernel {
  readonly name: string;
  readonly parameters: number;
  readonly numbers: number;
  readonly vectors: number;
  readonly body: readonly Code[];
}

/** A module of kernels that imports its memory as `env.memory`. */
export function assemble(kernels: readonly Kernel[]): Uint8Array<ArrayBuffer> {
  const text = (value: string): number[] => [...unsigned(value.length), ...Array.from(value, (character) => character.charCodeAt(0))];
  const list = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
  const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content];
  const bodies = kernels.map(({ numbers, vectors, body }) => {
    const code = [...list([[...unsigned(numbers), i32Type], [...unsigned(vectors), v128Type]]), ...body.flat(), 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list(kernels.map(({ parameters }) => [functionType, ...list(Array.from({ length: parameters }, () => [i32Type])), 0]))),
    ...section(2, list([[...text("env"), ...text("memory"), 2, 0, 1]])),
    ...section(3, list(kernels.map((_, i) => unsigned(i)))),
    ...section(7, list(kernels.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]))),
    ...section(10, list(bodies)),
  ]);
}
