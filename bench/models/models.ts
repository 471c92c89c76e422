/** @file The models that are measured, written into the cache folder when they are first needed. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../src/runtimes/tensorflowPlaces.js";
import { bytesOf, writeRandomModel, type RandomModel } from "./randomModel.js";
import { randomResnet, resnet50 } from "./resnet.js";
import { bertBase, distilbertBase, randomBert, randomDistilbert, randomVit, vitB16 } from "./transformers.js";

/** What is written, by the name it is measured under. */
export const models = {
  resnet50: () => randomResnet(resnet50), "vit-b-16": () => randomVit(vitB16), "bert-base": () => randomBert(bertBase), distilbert: () => randomDistilbert(distilbertBase),
} as const satisfies Readonly<Record<string, () => RandomModel>>;
export type ModelName = keyof typeof models;

/** Counted up when what is written changes: older models are then written anew. */
const version = 1;

/** Where they lie, beside everything else that can be made again. */
const benchFolder = (): string => join(cacheFolder(), "bench");

/** Removes every model that was written, and says so. */
export function removeModels(folder = benchFolder()): string {
  const isThere = existsSync(folder);
  rmSync(folder, { recursive: true, force: true });
  return isThere ? `Removed: ${folder}.` : `There are no models in ${folder}.`;
}

/** The folder of a model, in `folder`. Written beside it and renamed at the end, so that a stopped process leaves nothing that looks whole. `tell` hears of it before. */
export function modelFolder(name: ModelName, tell: (line: string) => void, folder = benchFolder()): string {
  const path = join(folder, `${name}-${version}`);
  if (existsSync(path)) return path;
  const model = models[name]();
  tell(`Writing ${name} with random weights, ${(bytesOf(model) / 1e6).toFixed(0)} MB, into ${path} ...`);
  const building = `${path}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    writeRandomModel(building, model);
    if (!existsSync(path)) renameSync(building, path);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return path;
}
