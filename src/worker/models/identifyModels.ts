/** @file Which of a workspace's files are models, told without reading a weight. */
import { statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { WhylightError, type ErrorCode, type ErrorData } from "../../engine/errors.js";
import { detectFormat } from "../../engine/importers/detect.js";
import { huggingFaceTypes } from "../../engine/importers/huggingface/importHuggingFace.js";
import type { ModelFormat } from "../../engine/importers/importedModel.js";
import { isRecord } from "../../engine/preprocess/fields.js";
import { isModelName, modelTitle } from "../../protocol/modelNames.js";
import type { ModelCard } from "../../protocol/models.js";
import { openByteSource, type OpenFile } from "../files.js";
import { isLfsPointer } from "../formats/lfsPointer.js";
import { modelFileOf } from "../formats/modelFolder.js";
import { quietly } from "../quietly.js";
import { createPlaces, surroundingsOf, type ModelPlace, type OpenPlace, type Surroundings } from "./modelPlace.js";

type Problem = NonNullable<ModelCard["problem"]>;

/** The models among these files, each once, in the order of their paths. */
export async function identifyModels(paths: readonly string[]): Promise<readonly ModelCard[]> {
  const open = createPlaces();
  const files = new Set(paths.flatMap((path) => modelBehind(resolve(path), open) ?? []));
  return toldApart([...files].toSorted((a, b) => a.localeCompare(b)).flatMap((file) => cardOf(file, open) ?? []));
}

/** Models of one name get what differs after it: their files' names, or those of the folders above. */
function toldApart(cards: readonly ModelCard[]): readonly ModelCard[] {
  return cards.map((card) => {
    const others = cards.filter(({ title, path }) => title === card.title && path !== card.path);
    if (others.length === 0) return card;
    const isSameFile = others.some(({ path }) => basename(path) === basename(card.path));
    return { ...card, title: `${card.title} · ${isSameFile ? folderOf(card) : basename(card.path)}` };
  });
}

/** The folder of a file with a name of its own; of a model that is called by its folder, the one above that. */
function folderOf({ path, title }: ModelCard): string {
  const folders = path.split(/[\\/]/).slice(0, -1);
  const at = basename(path).startsWith(title) ? folders.length : folders.lastIndexOf(title);
  return folders[at - 1] ?? "";
}

/** Names under which libraries save the weights of one model, best first; a folder has them in several formats at once. */
const usualWeights = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5"];
const usualOnnx = /^model([._-].*)?\.onnx$/i;
const shard = /^(.+)-\d{5}-of-\d{5}\.(safetensors|bin)$/;
/** Of TensorFlow.js, whose weights are named by the model.json beside them. */
const tensorflowShard = /(^|[._-])shard\d+of\d+(\.bin)?$|^weights\.bin$/i;

/** The file that stands for the model that a path belongs to: the path itself, the model of a folder, the index of a shard, the best of one model's formats. */
function modelBehind(path: string, open: OpenPlace): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return quietly(() => modelFileOf(path));
  const [place, name] = [open(dirname(path)), basename(path)];
  if (!stat || !isModelName(name) || (tensorflowShard.test(name) && place.has("model.json"))) return undefined;
  const index = shard.exec(name);
  if (index) return besideUsual(`${index[1]}.${index[2]}.index.json`, place, open);
  return usualWeights.includes(name) ? besideUsual(name, place, open) : path;
}

function besideUsual(name: string, place: ModelPlace, open: OpenPlace): string | undefined {
  if (!usualWeights.includes(name)) return place.has(name) ? join(place.folder, name) : undefined;
  // Who exported a model explains the export, whose graph is complete.
  for (const folder of [place, ...(place.has("onnx") ? [open(join(place.folder, "onnx"))] : [])]) {
    const exported = folder.named(usualOnnx).toSorted((a, b) => a.length - b.length)[0];
    if (exported !== undefined) return join(folder.folder, exported);
  }
  const best = usualWeights.find((usual) => place.has(usual));
  return best === undefined ? undefined : join(place.folder, best);
}

function cardOf(path: string, open: OpenPlace): ModelCard | undefined {
  const around = surroundingsOf(path, open);
  const source = quietly(() => openByteSource(path));
  if (!source) return undefined;
  try {
    const detected = source.size === 0 ? undefined : quietly(() => detectFormat(source));
    const format = formatOf(source, detected, around);
    if (format === undefined) return undefined;
    const place = open(dirname(path));
    const { bytes, missing } = extentOf(source, place);
    return {
      path, title: modelTitle(path), format, bytes, purpose: purposeOf(around), architecture: architectureOf(around), isDescribed: isDescribed(around),
      problem: problemOf(source, detected, format, around) ?? (missing === undefined ? undefined : corrupt(path, `${missing} is missing`)),
    };
  } finally {
    source.close();
  }
}

const ownFormats: Readonly<Record<string, ModelFormat>> = { onnx: "onnx", safetensors: "safetensors", keras: "keras" };

/** The format by the first bytes. ONNX has no signature, so that its ending has to do; other endings that only models have make a file one even where its bytes are wrong, which is then said. */
function formatOf(source: OpenFile, detected: ModelFormat | undefined, { config }: Surroundings): ModelFormat | undefined {
  const name = basename(source.path);
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  // Tensors of every kind are kept as safetensors; a model's are called weights, or the config beside them is about this very file.
  if (detected === "safetensors" && ending === "safetensors" && !(config && usualWeights.includes(name)) && !holdsWeights(source)) return undefined;
  if (detected === undefined && isLfsPointer(source)) return ownFormats[ending] ?? "pytorch";
  return detected ?? ownFormats[ending];
}

/** As much of a header as tells what its tensors are called. */
const readHeader = 1 << 18;

function holdsWeights(source: OpenFile): boolean {
  const header = Buffer.from(source.read(0, Math.min(readHeader, source.size))).toString("latin1");
  return /\.(weight|weight_[gv]|kernel|gamma)"/.test(header);
}

/** The bytes of all files of a model, and the first one that is named but not there. */
function extentOf(source: OpenFile, place: ModelPlace): { readonly bytes: number; readonly missing: string | undefined } {
  const name = basename(source.path);
  const named = otherFiles(name, place);
  const missing = named.find((file) => !place.has(file) && !file.includes("/"));
  return { bytes: named.reduce((total, file) => total + place.bytes(file), source.size), missing };
}

function otherFiles(name: string, place: ModelPlace): readonly string[] {
  if (name.endsWith(".index.json")) {
    const map = place.json(name)?.["weight_map"];
    return isRecord(map) ? [...new Set(Object.values(map).filter((file) => typeof file === "string"))] : [];
  }
  if (name === "model.json") return manifestFiles(place) ?? place.named(tensorflowShard);
  if (name === "saved_model.pb") return ["variables/variables.data-00000-of-00001", "variables/variables.index"];
  if (/\.onnx$/i.test(name)) return [`${name}.data`, `${name}_data`, `${name.replace(/\.onnx$/i, "")}.data`].filter((file) => place.has(file));
  return [];
}

/** The shards that TensorFlow.js's own list names; `undefined` where there is none, or the file is too long to look into. */
function manifestFiles(place: ModelPlace): readonly string[] | undefined {
  const groups = place.json("model.json")?.["weightsManifest"];
  if (!Array.isArray(groups)) return undefined;
  return groups.flatMap((group: unknown) => (isRecord(group) && Array.isArray(group["paths"]) ? group["paths"].filter((path) => typeof path === "string") : []));
}

/** The classes that transformers has for heads over images, and timm's own fields. */
const imageHeads = /ForImageClassification|ForMaskedImageModeling|VisionModel|ViTModel|^timm/i;

/** A config speaks for itself; else a processor of images, else a tokenizer. */
function purposeOf({ config, hasImageProcessor, hasTokenizer }: Surroundings): ModelCard["purpose"] {
  const type = config?.["model_type"];
  if (imageHeads.test(architectureOf({ config }) ?? "")) return "image";
  const known = typeof type === "string" ? huggingFaceTypes.get(type) : undefined;
  if (known !== undefined) return known;
  if (hasImageProcessor) return "image";
  if (hasTokenizer) return "text";
  return config && ("image_size" in config || "num_channels" in config) ? "image" : undefined;
}

function architectureOf({ config }: Pick<Surroundings, "config">): string | undefined {
  if (!config) return undefined;
  const { architectures, architecture, pretrained_cfg: pretrained, model_type: type } = config;
  const timm = [architecture, isRecord(pretrained) ? pretrained["architecture"] : undefined].find((name): name is string => typeof name === "string" && /^[\w.-]+$/.test(name));
  if (timm !== undefined) return `timm ${timm}`;
  const first: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  return typeof first === "string" ? first : typeof type === "string" ? type : undefined;
}

function isDescribed(around: Surroundings): boolean | undefined {
  if (around.hasSidecar) return true;
  if (!around.config) return undefined;
  const isPrepared = around.hasImageProcessor || isRecord(around.config["pretrained_cfg"]) || purposeOf(around) === "text";
  return isPrepared && (around.hasLabels || isRecord(around.config["pretrained_cfg"]));
}

/** What makes a model unreadable, where its first bytes and its config tell. */
function problemOf(source: OpenFile, detected: ModelFormat | undefined, format: ModelFormat, { config }: Surroundings): Problem | undefined {
  const { path, size } = source;
  if (size === 0) return corrupt(path, "the file is empty");
  if (isLfsPointer(source)) return { code: "modelUnfetched", data: { path } };
  if (format !== "onnx" && detected === undefined) return { code: "modelFormatUnknown", data: { path } };
  const type = config?.["model_type"];
  const takesConfig = format === "safetensors" || format === "pytorch";
  if (!takesConfig || typeof type !== "string" || huggingFaceTypes.has(type) || architectureOf({ config })?.startsWith("timm ") === true) return undefined;
  return { code: "architectureUnknown", data: { path, architecture: architectureOf({ config }) ?? type, command: "optimum-cli export onnx --model FOLDER onnx/" } };
}

function corrupt(path: string, reason: string): Problem {
  const { code, data }: { readonly code: ErrorCode; readonly data: ErrorData } = new WhylightError("modelCorrupt", { path, reason });
  return { code, data };
}
