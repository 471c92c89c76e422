/** @file What the table of layers says of a class: which variables it has, and how a call of it is written. */
import { booleanField, isRecord, numberField, textField, wrongField, type Fields } from "../../preprocess/fields.js";
import type { Call } from "./calls.js";
import type { KerasGraph, KerasValue, Refuse } from "./kerasGraph.js";

/** A variable of a layer: `name` is what the importer calls it, and the end of its name in files that name variables; `place` where files that number them have it ("vars/0"). */
export interface Variable {
  readonly name: string;
  /** Names in other releases. */
  readonly aliases?: readonly string[];
  readonly place?: string;
}

/** One call of a layer, whose name is the writer's scope. */
export interface LayerCall extends Call<KerasValue> {
  readonly graph: KerasGraph;
  readonly className: string;
  readonly config: Fields;
  /** The values among the arguments, in order; keywords' are not. */
  readonly tensors: readonly KerasValue[];
  /** The first of them. */
  readonly x: KerasValue;
  readonly refuse: Refuse;
}

export type WriteLayer = (call: LayerCall) => KerasValue | readonly KerasValue[];

export interface LayerRule {
  /** In the order in which the layer makes them; depends on the configuration only. */
  readonly variables?: (config: Fields) => readonly Variable[];
  readonly write: WriteLayer;
}
export type LayerRules = Readonly<Record<string, LayerRule>>;

/** Rules of classes that are written alike. */
export function rules(names: readonly string[], rule: LayerRule): LayerRules {
  return Object.fromEntries(names.map((name) => [name, rule]));
}

/** The variables of which `flag` is true, or that have none. */
export function variables(...entries: readonly (readonly [name: string, flag?: string, ...aliases: string[]])[]): (config: Fields) => readonly Variable[] {
  return (config) => entries.filter(([, flag = ""]) => flag === "" || flagOf(config, flag, true)).map(([name, , ...aliases]) => ({ name, aliases }));
}

export const flagOf = (config: Fields, key: string, fallback: boolean): boolean => booleanField(config, key) ?? fallback;
export const wordOf = (config: Fields, key: string, fallback: string): string => textField(config, key) ?? fallback;

/** A number; old files wrap those that were NumPy's. */
export function numberOf(config: Fields, key: string, fallback: number): number {
  const value = config.values[key];
  const inner: Fields = isRecord(value) && "value" in value ? { ...config, values: { [key]: value["value"] } } : config;
  return numberField(inner, key) ?? fallback;
}

/** Whole numbers, one per spatial axis; a single one stands for all. */
export function sizesOf(config: Fields, key: string, count: number, fallback?: number | readonly number[]): readonly number[] {
  const value = config.values[key] ?? fallback;
  const sizes: readonly unknown[] = Array.isArray(value) ? value : Array<unknown>(count).fill(value);
  if (sizes.length !== count || !sizes.every((size) => Number.isInteger(size) && (size as number) >= 0 && (size as number) <= 1 << 24)) return wrongField(config, key, `it must be ${count} whole numbers`);
  return sizes as readonly number[];
}

/** Whole numbers of a list, or the one alone. */
export function intsOf(config: Fields, key: string, value: unknown): readonly number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.every((item) => Number.isSafeInteger(item)) ? list as readonly number[] : wrongField(config, key, "it must be whole numbers");
}

/** Whether images have their channels at place 1 in Keras too. */
export const isChannelsFirst = (config: Fields): boolean => wordOf(config, "data_format", "channels_last") === "channels_first";
