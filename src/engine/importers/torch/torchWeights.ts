/** @file The weights in a file of torch.save, zip or legacy. */
import { WhylightError } from "../../errors.js";
import type { Initializer } from "../../ir/graph.js";
import type { ByteSource } from "../byteSource.js";
import type { Weights } from "../weights.js";
import { readArchive, type Saved } from "./archive.js";
import { readLegacy } from "./legacy.js";
import { stateDictOf } from "./stateDict.js";
import { Copies, initializerOf } from "./tensors.js";

/** By the first byte: that of a pickle's protocol, and that of a zip archive. */
const readers: Readonly<Record<number, (source: ByteSource) => Saved>> = { 0x80: readLegacy, 0x50: readArchive };

/**
 * The tensors of a checkpoint, left in the file: only the pickle is read, and nothing of it is run. Throws `modelPickled` for a file that needs a class of its own, `modelUnsafe` for one
 * that would run something or fill the memory, `modelProgram` for TorchScript and other programs, `modelFormatUnknown` where there are no weights, `modelCorrupt`.
 * Reading a weight throws `weightUnsupported` for quantized, sparse and complex ones.
 */
export function torchWeights(source: ByteSource): Weights {
  const { path } = source;
  if (isOldest(source)) throw new WhylightError("modelPickled", { path, what: "the loader for PyTorch's oldest format, a tar archive," });
  const read = readers[source.read(0, Math.min(1, source.size))[0] ?? 0];
  const saved = read?.(source);
  const tensors = saved && stateDictOf(saved.value);
  if (saved === undefined || tensors === undefined) throw new WhylightError("modelFormatUnknown", { path });
  const copies = new Copies(path, source.size);
  const made = new Map<string, Initializer>();
  return {
    path,
    names: [...tensors.keys()],
    get: (name) => {
      const tensor = tensors.get(name);
      const known = made.get(name) ?? (tensor && initializerOf(name, tensor, saved.find, copies, path));
      if (known) made.set(name, known);
      return known;
    },
  };
}

/** Whether a file begins as the tar archives of PyTorch 0.1 do: with an entry of one of these names. */
function isOldest(source: ByteSource): boolean {
  return /^(\.\/)?(sys_info|pickle|storages|tensors)\0/.test(String.fromCharCode(...source.read(0, Math.min(16, source.size))));
}
