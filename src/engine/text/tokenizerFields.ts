/** @file Reading the fields of tokenizer files, on top of the checks for descriptions that people write. */
import { isRecord, present, textField, wrongField, type Fields } from "../preprocess/fields.js";

/** Above this length (in code units) nothing is a token; the longest known are runs of a few hundred spaces. */
export const longestToken = 4096;

/** The field `type`, which says what an object describes. */
export function typeField(fields: Fields): string {
  return textField(fields, "type") ?? wrongField(fields, "type", "it is missing");
}

/** A list of objects. */
export function listField(fields: Fields, key: string): readonly Fields[] {
  const value = present(fields, key);
  if (!Array.isArray(value)) return wrongField(fields, key, "it must be a list");
  return value.map((item: unknown, i): Fields => {
    const at = `${fields.at === "" ? key : `${fields.at}.${key}`}[${i}]`;
    return isRecord(item) ? { file: fields.file, at, values: item } : wrongField({ ...fields, at }, "", "it must be an object");
  });
}

/** A whole number from 0 on that a vocabulary can have as id. */
export function idField(fields: Fields, key: string): number | undefined {
  const value = present(fields, key);
  if (value === undefined) return undefined;
  return isId(value) ? value : wrongField(fields, key, "it must be a whole number from 0 on");
}

/** Ids stay below 2^26, so that a pair of them is still a whole number that JavaScript can hold. */
export function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 26;
}
