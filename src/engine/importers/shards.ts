/** @file Checkpoints in several files: an index tells in which file each weight lies. */
import { WhylightError } from "../errors.js";
import { parseJson } from "../json.js";
import { isRecord } from "../preprocess/fields.js";
import type { Initializer } from "../ir/graph.js";
import { weightsOf, type Weights } from "./weights.js";

/** "model-00001-of-00003.safetensors": the name before its number, how many there are, and the ending. */
const shardName = /^(.+)-\d{5}-of-(\d{5})\.(safetensors|bin)$/;

/** The index of the checkpoint that a file is a part of, by its name; `undefined` for files that are no parts. */
export function indexOf(name: string): { readonly index: string; readonly count: number } | undefined {
  const match = shardName.exec(name);
  return match ? { index: `${match[1]}.${match[3]}.index.json`, count: Number(match[2]) } : undefined;
}

/** An index as it lies in its folder, and how its parts are opened: `open` gives `undefined` for one that is not there. */
export interface ShardIndex {
  readonly path: string;
  readonly text: string;
  open(shard: string): Weights | undefined;
}

/**
 * The weights of all parts. Throws `modelCorrupt` where index and parts contradict each other or a part is missing, `modelUnsafe` where the index names anything but files beside it,
 * and what opening a part throws.
 */
export function shardedWeights({ path, text, open }: ShardIndex): Weights {
  const fail = (reason: string): never => {
    throw new WhylightError("modelCorrupt", { path, reason });
  };
  const map = weightMap(text) ?? fail("it is no index of weights: it has no weight_map");
  const shards = new Map<string, Weights>();
  for (const [name, shard] of map) {
    if (typeof shard !== "string") return fail(`it does not name the file of the weight ${name}`);
    if (shard === "" || shard.startsWith(".") || /[/\\]/.test(shard)) throw new WhylightError("modelUnsafe", { path, reason: `it refers to ${JSON.stringify(shard)}, which is no file beside it` });
    if (!shards.has(shard)) shards.set(shard, open(shard) ?? fail(`its part ${shard} is missing, so the download is incomplete`));
  }
  const tensors = new Map<string, Initializer>();
  for (const [name, shard] of map) tensors.set(name, shards.get(shard as string)!.get(name) ?? fail(`the weight ${name} is not in ${String(shard)}, where the index says it is`));
  for (const [shard, { names }] of shards) {
    const twice = names.find((name) => tensors.has(name) && map.get(name) !== shard);
    if (twice !== undefined) fail(`the weight ${twice} lies in ${String(map.get(twice))} and in ${shard}`);
  }
  return weightsOf(path, tensors);
}

function weightMap(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const index: unknown = parseJson(text);
    if (isRecord(index) && isRecord(index["weight_map"])) return new Map(Object.entries(index["weight_map"]));
  } catch {
    // As for any text that is no index.
  }
  return undefined;
}
