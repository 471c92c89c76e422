/** @file What torch.save writes today: a zip archive of a pickle and the storages beside it. */
import { WhylightError } from "../../errors.js";
import { bytesSource, type ByteSource } from "../byteSource.js";
import { decodeUtf8 } from "../utf8.js";
import { openZip, type Zip } from "../zip.js";
import { Names, persistentOf } from "./names.js";
import { unpickle } from "./pickle.js";
import type { Pickled } from "./pickled.js";
import { PickleInput } from "./pickleInput.js";
import { Allowance, failing } from "./pickleMachine.js";
import { refuseProgram } from "./programs.js";
import type { FindStorage, StorageBytes } from "./tensors.js";

/** What a file of torch.save holds. */
export interface Saved {
  readonly value: Pickled;
  readonly find: FindStorage;
}

/** Pickles of checkpoints, which hold no numbers of weights, are far shorter. */
const longestPickle = 64 * 2 ** 20;
/** All compressed storages of a file together: PyTorch itself compresses none. */
const mostUnpacked = 256 * 2 ** 20;

/** Reads an archive. Throws `modelProgram` for programs, `modelFormatUnknown` for archives of other things, and what reading the pickle throws. */
export function readArchive(source: ByteSource): Saved {
  const { path } = source;
  const zip = openZip(source);
  refuseProgram(zip);
  const pickles = zip.names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) throw new WhylightError("modelFormatUnknown", { path });
  const root = pickles[0]!.slice(0, -"data.pkl".length);
  const fail = failing(path);
  if (zip.sizeOf(`${root}byteorder`) !== undefined && decodeUtf8(zip.read(`${root}byteorder`, 64)).trim() !== "little") fail("its numbers are big-endian, which is not read");
  const names = new Names(path);
  const input = new PickleInput(bytesSource(path, zip.read(pickles[0]!, longestPickle)));
  const value = unpickle(input, { named: names.named, persistent: (id) => persistentOf(id, fail) }, new Allowance(fail), fail);
  names.refuseUnknown();
  return { value, find: storagesOf(source, zip, `${root}data/`) };
}

/** Each storage is an entry of its own, called by its key. */
function storagesOf(source: ByteSource, zip: Zip, folder: string): FindStorage {
  const known = new Map<string, StorageBytes>();
  let unpacked = 0;
  const find = (name: string): StorageBytes => {
    const range = zip.range(name);
    if (range !== undefined) return { length: range.length, range, read: (offset, length) => source.read(range.offset + offset, length) };
    unpacked += zip.sizeOf(name)!;
    if (unpacked > mostUnpacked) throw new WhylightError("modelUnsafe", { path: zip.path, reason: `its compressed weights unfold to more than ${mostUnpacked} bytes` });
    const bytes = zip.read(name, mostUnpacked);
    return { length: bytes.length, range: undefined, read: (offset, length) => bytes.subarray(offset, offset + length) };
  };
  return ({ key }) => {
    const storage = known.get(key) ?? find(folder + key);
    known.set(key, storage);
    return storage;
  };
}
