/** @file What torch.save wrote before PyTorch 1.6: five pickles one after the other, then the storages in the order of the last. */
import { WhylightError } from "../../errors.js";
import type { ByteSource } from "../byteSource.js";
import type { Saved } from "./archive.js";
import { Names, persistentOf } from "./names.js";
import { unpickle } from "./pickle.js";
import { Storage, type Pickled } from "./pickled.js";
import { PickleInput } from "./pickleInput.js";
import { Allowance, failing, type Fail } from "./pickleMachine.js";
import { elementBytes, type FindStorage } from "./tensors.js";

const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

/** Reads a legacy file. Throws `modelFormatUnknown` for pickles of other programs, and what reading the pickles throws. */
export function readLegacy(source: ByteSource): Saved {
  const { path } = source;
  const fail = failing(path);
  const names = new Names(path);
  const allowance = new Allowance(fail);
  const input = new PickleInput(source);
  const storages = new Map<string, Storage>();
  const persistent = (id: Pickled) => {
    const value = persistentOf(id, fail);
    if (value instanceof Storage) storages.set(value.key, value);
    return value;
  };
  const next = () => {
    const value = unpickle(input, { named: names.named, persistent }, allowance, fail);
    names.refuseUnknown();
    return value;
  };
  if (next() !== magicNumber) throw new WhylightError("modelFormatUnknown", { path });
  if (next() !== protocolVersion) fail("its version is newer than is read");
  const system = next();
  if (system instanceof Map && system.get("little_endian") === false) fail("its numbers are big-endian, which is not read");
  const value = next();
  return { value, find: placesOf(source, input, next(), storages, fail) };
}

/** Each storage is its number of elements, in 8 bytes, and these. */
function placesOf(source: ByteSource, input: PickleInput, keys: Pickled, storages: ReadonlyMap<string, Storage>, fail: Fail): FindStorage {
  const places = new Map<string, { offset: number; length: number }>();
  if (!Array.isArray(keys)) return fail("it has no list of storages");
  for (const key of keys as readonly Pickled[]) {
    const storage = storages.get(key as string) ?? fail("it lists a storage that no tensor has");
    const elements = input.length();
    const length = elements * elementBytes(storage.type);
    if (!(length <= input.rest)) fail("it is cut short");
    places.set(storage.key, { offset: input.position, length });
    input.position += length;
  }
  return ({ key }) => {
    const { offset, length } = places.get(key) ?? fail(`the storage ${key} is missing in it`);
    return { length, range: { file: source.path, offset, length }, read: (start, count) => source.read(offset + start, count) };
  };
}
