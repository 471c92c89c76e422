/** @file Reading JSON that people wrote: every field checked, and the file and field named when one is wrong. */
import { WhylightError } from "../errors.js";
import { parseJson } from "../json.js";

/** An object of a JSON file: `at` is its place there ("preprocess"), empty at the top. */
export interface Fields {
  readonly file: string;
  readonly at: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Throws `descriptionInvalid` for one field. */
export function wrongField(fields: Fields, key: string, reason: string): never {
  throw new WhylightError("descriptionInvalid", { file: fields.file, field: fields.at === "" ? key : `${fields.at}.${key}`, reason });
}

/** Parses text that must hold one JSON object. */
export function parseFields(file: string, text: string): Fields {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (thrown) {
    throw new WhylightError("descriptionInvalid", { file, field: "the whole file", reason: `it is not JSON (${thrown instanceof Error ? thrown.message : String(thrown)})` });
  }
  if (!isRecord(value)) throw new WhylightError("descriptionInvalid", { file, field: "the whole file", reason: "it must hold an object" });
  return { file, at: "", values: value };
}

/** Whether a value is an object with fields, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The field's value, where `undefined` and `null` both mean absent. */
export function present(fields: Fields, key: string): unknown {
  return fields.values[key] ?? undefined;
}

/** An object inside the object; `undefined` when absent. */
export function objectField(fields: Fields, key: string): Fields | undefined {
  const value = present(fields, key);
  if (value === undefined) return undefined;
  if (!isRecord(value)) return wrongField(fields, key, "it must be an object");
  return { file: fields.file, at: fields.at === "" ? key : `${fields.at}.${key}`, values: value };
}

/** A list of objects; empty when absent. */
export function objectsField(fields: Fields, key: string): readonly Fields[] {
  const value = present(fields, key) ?? [];
  if (!Array.isArray(value)) return wrongField(fields, key, "it must be a list of objects");
  return value.map((item: unknown, i) => objectField({ ...fields, values: { [`${key}[${i}]`]: item } }, `${key}[${i}]`) ?? wrongField(fields, `${key}[${i}]`, "it must be an object"));
}

/** Throws `descriptionInvalid` for fields nobody knows, since those are mistyped ones. */
export function refuseUnknown(fields: Fields, keys: readonly string[]): void {
  for (const key of Object.keys(fields.values)) if (!keys.includes(key)) wrongField(fields, key, `there is no such field; known are ${keys.join(", ")}`);
}

/** A finite number. */
export function numberField(fields: Fields, key: string): number | undefined {
  const value = present(fields, key);
  if (value === undefined) return undefined;
  return typeof value === "number" && Number.isFinite(value) ? value : wrongField(fields, key, "it must be a number");
}

/** `true` or `false`. */
export function booleanField(fields: Fields, key: string): boolean | undefined {
  const value = present(fields, key);
  if (value === undefined) return undefined;
  return typeof value === "boolean" ? value : wrongField(fields, key, "it must be true or false");
}

/** Text. */
export function textField(fields: Fields, key: string): string | undefined {
  const value = present(fields, key);
  if (value === undefined) return undefined;
  return typeof value === "string" ? value : wrongField(fields, key, "it must be text");
}

/** One of a few words. */
export function choiceField<Word extends string>(fields: Fields, key: string, words: readonly Word[]): Word | undefined {
  const value = textField(fields, key);
  if (value === undefined) return undefined;
  return words.find((word) => word === value) ?? wrongField(fields, key, `it must be one of ${words.join(", ")}`);
}

/** A list of finite numbers, one per channel; a single number stands for all channels. */
export function perChannelField(fields: Fields, key: string, channels: number): readonly number[] | undefined {
  const value = present(fields, key);
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((item): item is number => typeof item === "number" && Number.isFinite(item))) return wrongField(fields, key, "it must be a list of numbers");
  if (list.length !== 1 && list.length !== channels) return wrongField(fields, key, `it has ${list.length} numbers, but the model takes ${channels} channels`);
  return Array.from({ length: channels }, (_, c) => list[c % list.length]!);
}

/** A list of texts. */
export function textsField(fields: Fields, key: string): readonly string[] | undefined {
  const value = present(fields, key);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return wrongField(fields, key, "it must be a list of texts");
  return value.map((item: unknown, i) => (typeof item === "string" ? item : wrongField(fields, `${key}[${i}]`, "it must be text")));
}

/** A side in pixels: a whole number from 1 to 65536. */
export function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65536;
}
