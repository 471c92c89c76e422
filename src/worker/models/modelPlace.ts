/** @file What a folder's small files tell of the models in it: each folder is listed once, each file read once, weights never. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseJson } from "../../engine/json.js";
import { isRecord } from "../../engine/preprocess/fields.js";
import { tokenizerFileNames } from "../../engine/text/buildTokenizer.js";
import { orNothing } from "../quietly.js";

type Json = Readonly<Record<string, unknown>>;

/** Longer files beside a model tell nothing that is shown in a list. */
const longestConfig = 2 ** 22;
/** A config grows with its classes, an index with its tensors. */
const longestIndex = 2 ** 25;

/** The files of one folder. */
export interface ModelPlace {
  readonly folder: string;
  has(name: string): boolean;
  /** The names in it that fit. */
  named(pattern: RegExp): readonly string[];
  /** A small JSON file with an object in it; `undefined` where there is none, or no right one. */
  json(name: string): Json | undefined;
  /** Bytes of a file of it; 0 where there is none. */
  bytes(name: string): number;
}

/** Folders as they are looked at, kept while one question is answered. */
export type OpenPlace = (folder: string) => ModelPlace;

/** Looks at every folder once. */
export function createPlaces(): OpenPlace {
  const known = new Map<string, ModelPlace>();
  return (folder) => {
    const place = known.get(folder) ?? readPlace(folder);
    known.set(folder, place);
    return place;
  };
}

function readPlace(folder: string): ModelPlace {
  const names = orNothing(() => readdirSync(folder)) ?? [];
  const all = new Set(names);
  const read = new Map<string, Json | undefined>();
  return {
    folder,
    has: (name) => all.has(name),
    named: (pattern) => names.filter((name) => pattern.test(name)),
    json: (name) => {
      if (!read.has(name)) read.set(name, all.has(name) ? jsonIn(join(folder, name), name.endsWith(".index.json") ? longestIndex : longestConfig) : undefined);
      return read.get(name);
    },
    bytes: (name) => orNothing(() => statSync(join(folder, name)).size) ?? 0,
  };
}

function jsonIn(file: string, longest: number): Json | undefined {
  const value = orNothing((): unknown => (statSync(file).size <= longest ? parseJson(readFileSync(file, "utf8")) : undefined));
  return isRecord(value) ? value : undefined;
}

/** What stands beside a model, or in the folder above where its own is called "onnx" or is one of several. */
export interface Surroundings {
  /** The text of `config.json` as an object. */
  readonly config: Json | undefined;
  readonly hasTokenizer: boolean;
  readonly hasImageProcessor: boolean;
  readonly hasSidecar: boolean;
  readonly hasLabels: boolean;
}

const vocabularies = tokenizerFileNames.filter((name) => /^(tokenizer|vocab)\.(json|txt)$/.test(name));

/** What the files around a model tell. */
export function surroundingsOf(path: string, open: OpenPlace): Surroundings {
  const near = open(dirname(path));
  const above = open(dirname(near.folder));
  const stem = basename(path).replace(/\.[^.]+$/, "");
  // Optimum and transformers.js leave config and processor above "onnx/".
  const places = basename(near.folder).toLowerCase() === "onnx" ? [near, above] : [near];
  const config = places.map((place) => place.json("config.json")).find((found) => found !== undefined);
  return {
    config,
    hasTokenizer: [near, above].some((place) => vocabularies.some((name) => place.has(name))),
    hasImageProcessor: places.some((place) => isImageProcessor(place.json("preprocessor_config.json")) || isImageProcessor(place.json("processor_config.json")?.["image_processor"])),
    hasSidecar: near.has(`${stem}.whylight.json`) || near.has(`${basename(path)}.whylight.json`),
    hasLabels: isRecord(config?.["id2label"]) || Array.isArray(config?.["label_names"]) || [`${stem}.labels.txt`, "labels.txt", "classes.txt"].some((name) => near.has(name)),
  };
}

/** Not one of sounds. */
function isImageProcessor(fields: unknown): boolean {
  return isRecord(fields) && !("feature_extractor_type" in fields && "sampling_rate" in fields);
}
