/** @file Weights of a checkpoint, in one file or in several behind an index, with the config beside them. */
import { basename, dirname, join } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import type { ByteSource } from "../../engine/importers/byteSource.js";
import { importCheckpoint } from "../../engine/importers/importCheckpoint.js";
import type { ImportedModel, ModelFormat } from "../../engine/importers/importedModel.js";
import type { ModelFiles } from "../../engine/importers/modelFiles.js";
import { indexOf, shardedWeights } from "../../engine/importers/shards.js";
import type { Weights } from "../../engine/importers/weights.js";
import { isLfsPointer } from "./lfsPointer.js";

/** The model of a checkpoint whose files are read by `read`. Throws what reading the parts and finding the architecture throw. */
export function importWeights(files: ModelFiles, format: ModelFormat, read: (source: ByteSource) => Weights): ImportedModel {
  const config = files.text("config.json");
  return importCheckpoint({ format, weights: weightsIn(files, read), config: config === undefined ? undefined : { file: join(dirname(files.main.path), "config.json"), text: config } });
}

function weightsIn({ main, has, open, text }: ModelFiles, read: (source: ByteSource) => Weights): Weights {
  const name = basename(main.path);
  if (name.endsWith(".index.json")) return shardedWeights({ path: main.path, text: text(name) ?? "", open: (shard) => (has(shard) ? readPart(open(shard), read) : undefined) });
  const part = indexOf(name);
  // The index, where there is one, was opened instead (`modelFileOf`).
  if (part !== undefined && part.count > 1) throw new WhylightError("modelCorrupt", { path: main.path, reason: `it is one of ${part.count} parts, and their index ${part.index} is missing` });
  return read(main);
}

function readPart(source: ByteSource, read: (source: ByteSource) => Weights): Weights {
  if (isLfsPointer(source)) throw new WhylightError("modelUnfetched", { path: source.path });
  return read(source);
}
