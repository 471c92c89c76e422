/** @file What a pickle holds once read: plain data, tensors that are not loaded, and names of classes that nobody makes objects of. */
import type { DType } from "../../ir/tensor.js";

/** A value of Python. Lists, tuples and sets are arrays; dicts are maps. They may hold themselves, and share parts: whoever walks them keeps track of both. */
export type Pickled = null | boolean | number | bigint | string | Uint8Array | readonly Pickled[] | ReadonlyMap<Pickled, Pickled> | Named | Opaque | Storage | TorchTensor;

/** A function or class by its name. `call` stands for calling it; names without one have no use but to be handed on. */
export class Named {
  readonly name: string;
  readonly call: ((args: readonly Pickled[]) => Pickled) | undefined;
  constructor(name: string, call?: (args: readonly Pickled[]) => Pickled) {
    this.name = name;
    this.call = call;
  }
}

/** An object of a harmless class whose contents nobody here needs. */
export class Opaque {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Memory that tensors are views of: `key` names it in the file, `offset` counts elements into it. */
export class Storage {
  readonly key: string;
  /** "untyped" where the tensors say theirs, and elements are bytes; a word such as "quantized" for elements that are not read. */
  readonly type: StorageType;
  readonly elements: number;
  readonly offset: number;
  constructor(key: string, type: StorageType, elements: number, offset = 0) {
    this.key = key;
    this.type = type;
    this.elements = elements;
    this.offset = offset;
  }
}

export type StorageType = { readonly dtype: DType } | { readonly untyped: true } | { readonly unread: string };

/** A tensor as a view of its storage: offset and strides count elements. Nothing of it is checked yet. */
export interface View {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A tensor that was not loaded: its view, or what it is where it cannot be read, as "a quantized tensor". */
export class TorchTensor {
  readonly view: View | string;
  constructor(view: View | string) {
    this.view = view;
  }
}
