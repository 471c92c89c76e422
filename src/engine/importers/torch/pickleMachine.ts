/** @file What a pickle's instructions work on: a stack with marks, a memo, and how much of both a file may use. */
import { WhylightError, type ErrorCode } from "../../errors.js";
import { Named, Opaque, TorchTensor, type Pickled } from "./pickled.js";
import type { PickleInput } from "./pickleInput.js";

/** What a pickle's names and references stand for. */
export interface Meanings {
  /** A function or class; throws for those that may not be there. */
  named(module: string, name: string): Named;
  /** What a reference out of the pickle stands for. */
  persistent(id: Pickled): Pickled;
}

/** Fails with a reason about the file. */
export type Fail = (reason: string, code?: ErrorCode) => never;

/** Memory that the values of one file may take, about: a tensor takes 2.6 KB, so a checkpoint of 150,000 tensors is read, and a hostile file fills no more than this. */
const mostMemory = 384 * 2 ** 20;
/** About what values take, in bytes. */
const cost = { slot: 16, list: 64, map: 200, pair: 64 };
/** Values that wait and marks among them: Python's own writer nests a thousand deep, and adds to containers a thousand values at a time. */
const [mostWaiting, mostMarks] = [1 << 20, 1 << 16];
/** Longest whole number, in bytes. */
const longestNumber = 1024;

const unfolds = "its pickle unfolds into more objects than a checkpoint has";

/** Counts what the pickles of one file take, so that a small file cannot fill the memory. */
export class Allowance {
  #left = mostMemory;
  readonly #fail: Fail;
  constructor(fail: Fail) {
    this.#fail = fail;
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) this.#fail(unfolds, "modelUnsafe");
  }
}

/** `fail` for a file. */
export function failing(path: string): Fail {
  return (reason, code = "modelCorrupt") => {
    throw new WhylightError(code, { path, reason });
  };
}

/** The state of reading one pickle. Everything that makes no sense fails. */
export class Machine {
  readonly input: PickleInput;
  readonly meanings: Meanings;
  readonly fail: Fail;
  readonly #allowance: Allowance;
  readonly #stack: Pickled[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Pickled>();

  constructor(input: PickleInput, meanings: Meanings, allowance: Allowance, fail: Fail) {
    this.input = input;
    this.meanings = meanings;
    this.#allowance = allowance;
    this.fail = fail;
  }

  /** Counts an instruction. */
  step(): void {
    this.#allowance.spend(cost.slot);
  }

  push(value: Pickled): void {
    if (this.#stack.push(value) > mostWaiting) this.#refuse();
  }

  pop(): Pickled {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) this.fail("its pickle takes what it has not put down");
    return this.#stack.pop()!;
  }

  top(): Pickled {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) this.fail("its pickle takes what it has not put down");
    return this.#stack.at(-1)!;
  }

  mark(): void {
    if (this.#marks.push(this.#stack.length) > mostMarks) this.#refuse();
  }

  #refuse(): never {
    return this.fail(unfolds, "modelUnsafe");
  }

  popToMark(): Pickled[] {
    const mark = this.#marks.pop();
    return mark === undefined ? this.fail("its pickle takes what it has not put down") : this.#list(this.#stack.splice(mark));
  }

  popMany(count: number): Pickled[] {
    return this.#list(Array.from({ length: count }, () => this.pop()).toReversed());
  }

  #list(values: Pickled[]): Pickled[] {
    this.#allowance.spend(cost.list + cost.slot * values.length);
    return values;
  }

  remember(index: number): void {
    if (!Number.isSafeInteger(index) || index < 0) this.fail("its pickle remembers at no place");
    this.#allowance.spend(cost.pair);
    this.#memo.set(index, this.top());
  }

  memoize(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    this.push(value === undefined ? this.fail("its pickle recalls what it does not remember") : value);
  }

  append(values: readonly Pickled[]): void {
    const target = this.top();
    if (target instanceof Opaque) return;
    if (!isList(target)) return this.fail("its pickle adds to what is no list");
    this.#allowance.spend(cost.slot * values.length);
    for (const value of values) target.push(value);
  }

  setItems(pairs: readonly Pickled[]): void {
    const target = this.top();
    if (target instanceof Opaque) return;
    if (!(target instanceof Map) || pairs.length % 2 !== 0) return this.fail("its pickle adds to what is no dictionary");
    this.#allowance.spend(cost.pair * pairs.length);
    for (let i = 0; i < pairs.length; i += 2) (target as Map<Pickled, Pickled>).set(pairs[i]!, pairs[i + 1]!);
  }

  map(pairs: readonly Pickled[]): void {
    this.#allowance.spend(cost.map);
    this.push(new Map());
    this.setItems(pairs);
  }

  /** Attributes of containers and parameters, which none of ours have. */
  build(): void {
    this.pop();
    const target = this.top();
    if (!(target instanceof Opaque || target instanceof Map || target instanceof TorchTensor)) this.fail("its pickle sets attributes of plain data");
  }

  /** Calls what the table lets be called; objects of harmless classes stay unmade. */
  call(callee: Pickled, args: Pickled): void {
    if (!(callee instanceof Named) || !Array.isArray(args)) return this.fail("its pickle calls what is no function");
    // A call may make a container of a list that it is given.
    this.#allowance.spend(cost.map + args.reduce((sum: number, argument) => sum + (Array.isArray(argument) ? cost.pair * argument.length : 0), 0));
    this.push(callee.call?.(args as readonly Pickled[]) ?? new Opaque(callee.name));
  }

  global(module: Pickled, name: Pickled): Named {
    if (typeof module !== "string" || typeof name !== "string") return this.fail("its pickle names a class by what is no name");
    return this.meanings.named(module, name);
  }

  line(): string {
    return this.input.line() ?? this.fail("its pickle is damaged");
  }

  text(length: number): void {
    this.#allowance.spend(2 * length);
    this.push(this.input.text(length));
  }

  bytes(length: number): void {
    this.#allowance.spend(length);
    this.push(this.input.bytes(length).slice());
  }

  /** A whole number of any length, little-endian in two's complement. */
  whole(length: number): void {
    if (length > longestNumber) this.fail("its pickle has a number without end");
    const digits = this.input.bytes(length).reduceRight((text, byte) => text + byte.toString(16).padStart(2, "0"), "");
    this.push(length === 0 ? 0 : plain(BigInt.asIntN(8 * length, BigInt(`0x${digits}`))));
  }

  decimal(text: string): void {
    const digits = text.replace(/L$/, "");
    this.push(/^-?\d+$/.test(digits) ? plain(BigInt(digits)) : this.fail("its pickle has a number that is none"));
  }
}

function isList(value: Pickled): value is Pickled[] {
  return Array.isArray(value);
}

/** A number where it is exact as one. */
function plain(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
