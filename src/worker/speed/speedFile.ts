/** @file The book of speeds on disk: one file per machine, which the editor and the command line share. */
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform } from "node:os";
import { join } from "node:path";
import { passes } from "../../engine/attribution/batching.js";
import { modelFamilies } from "../../engine/ir/flops.js";
import { runtimeNames, type RuntimeName } from "../../engine/runtime.js";
import { cacheFolder } from "../../runtimes/tensorflowPlaces.js";
import { orNothing } from "../quietly.js";
import { keepFile } from "../writing.js";
import { noSpeeds, type Measured, type Rates, type Speeds, type SpeedStore } from "./speedBook.js";

/** Bumped when the probe's models or its way of timing change. */
const probeVersion = 2;

/** What a measurement holds for, but for the runtime's own version and card. */
const thisMachine = () => `probe ${probeVersion}, ${platform()} ${arch()}, ${cpus()[0]?.model.trim() ?? ""}, ${availableParallelism()} threads`;

/** A file that is damaged, or of another machine, tells nothing; a disk that takes no file only means that it is measured again. */
export function speedFile(path = join(cacheFolder(), "speeds.json"), machine = thisMachine()): SpeedStore {
  return {
    read: () => readSpeeds(orNothing(() => JSON.parse(readFileSync(path, "utf8")) as unknown), machine),
    write: (speeds) => orNothing(() => keepFile(path, `${JSON.stringify({ machine, ...speeds }, undefined, 2)}\n`)),
  };
}

function readSpeeds(content: unknown, machine: string): Speeds {
  const { machine: of, measured, seen } = objectOf(content);
  if (of !== machine) return noSpeeds;
  return {
    measured: byRuntime(measured, (value): Measured | undefined => {
      const { detail, rates, forward, unfit } = objectOf(value);
      return typeof detail === "string" && typeof unfit === "string" ? { detail, unfit, rates: readRates(rates), forward: readRates(forward) } : undefined;
    }),
    seen: byRuntime(seen, (value) => Object.fromEntries(passes.map((pass) => [pass, readRates(objectOf(value)[pass])]))),
  };
}

function byRuntime<Value>(content: unknown, read: (value: unknown) => Value | undefined): Partial<Record<RuntimeName, Value>> {
  const entries = objectOf(content);
  return Object.fromEntries(runtimeNames.flatMap((name) => {
    const value = entries[name] === undefined ? undefined : read(entries[name]);
    return value === undefined ? [] : [[name, value]];
  }));
}

function readRates(content: unknown): Rates {
  const rates = objectOf(content);
  return Object.fromEntries(modelFamilies.flatMap((family) => {
    const rate = rates[family];
    return typeof rate === "number" && Number.isFinite(rate) && rate > 0 ? [[family, rate]] : [];
  }));
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {});
