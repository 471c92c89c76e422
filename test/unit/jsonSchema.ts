/** @file Holds values against a JSON schema (draft-07), as far as this project's schemas go; a keyword it does not know is a mistake, never passed over. */

type Schema = Readonly<Record<string, unknown>>;

const asSchema = (value: unknown) => value as Schema;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const kindOf = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
const described = new Set(["$schema", "$id", "title", "description", "default", "definitions", "enumDescriptions", "defaultSnippets"]);

/** What is wrong with a value, each with its place; nothing where it fits. */
export function schemaErrors(schema: unknown, value: unknown, root: unknown = schema, at = ""): string[] {
  if (schema === true) return [];
  if (schema === false) return [`${at}: nothing may stand here`];
  const rules: Readonly<Record<string, (rule: unknown) => string[]>> = {
    $ref: (rule) => schemaErrors(asSchema(asSchema(root)["definitions"])[String(rule).replace("#/definitions/", "")] ?? false, value, root, at),
    type: (rule) => ([rule].flat().some((kind) => kind === kindOf(value) || (kind === "integer" && Number.isInteger(value))) ? [] : [`${at}: is no ${String(rule)}`]),
    enum: (rule) => ((rule as unknown[]).includes(value) ? [] : [`${at}: is none of the choices`]),
    const: (rule) => (rule === value ? [] : [`${at}: is not ${String(rule)}`]),
    minimum: (rule) => (typeof value !== "number" || value >= (rule as number) ? [] : [`${at}: is too small`]),
    maximum: (rule) => (typeof value !== "number" || value <= (rule as number) ? [] : [`${at}: is too large`]),
    minLength: (rule) => (typeof value !== "string" || value.length >= (rule as number) ? [] : [`${at}: is too short`]),
    pattern: (rule) => (typeof value !== "string" || new RegExp(rule as string).test(value) ? [] : [`${at}: does not match`]),
    minItems: (rule) => (!Array.isArray(value) || value.length >= (rule as number) ? [] : [`${at}: has too few items`]),
    maxItems: (rule) => (!Array.isArray(value) || value.length <= (rule as number) ? [] : [`${at}: has too many items`]),
    items: (rule) => (Array.isArray(value) ? value.flatMap((item, i) => schemaErrors(Array.isArray(rule) ? (rule[i] ?? true) : rule, item, root, `${at}[${i}]`)) : []),
    required: (rule) => (isObject(value) ? (rule as string[]).filter((key) => !(key in value)).map((key) => `${at}: lacks ${key}`) : []),
    properties: (rule) => (isObject(value) ? Object.entries(asSchema(rule)).flatMap(([key, one]) => (key in value ? schemaErrors(one, value[key], root, `${at}.${key}`) : [])) : []),
    additionalProperties: (rule) => (isObject(value) ? Object.keys(value).filter((key) => !(key in asSchema(asSchema(schema)["properties"] ?? {}))).flatMap((key) => schemaErrors(rule, value[key], root, `${at}.${key}`)) : []),
    allOf: (rule) => (rule as unknown[]).flatMap((one) => schemaErrors(one, value, root, at)),
    anyOf: (rule) => ((rule as unknown[]).some((one) => schemaErrors(one, value, root, at).length === 0) ? [] : [`${at}: fits none of the forms`]),
    oneOf: (rule) => ((rule as unknown[]).filter((one) => schemaErrors(one, value, root, at).length === 0).length === 1 ? [] : [`${at}: does not fit one of the forms`]),
  };
  return Object.entries(asSchema(schema)).flatMap(([keyword, rule]) => rules[keyword]?.(rule) ?? (described.has(keyword) ? [] : [`${at}: the schema's keyword ${keyword} is not known here`]));
}

/** The schema with nothing allowed but what it describes: a published one lets fields be added, a test wants to hear of them. */
export function withoutOthers(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutOthers);
  if (!isObject(schema)) return schema;
  const strict = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withoutOthers(value)]));
  return isObject(schema["properties"]) && typeof schema["type"] === "string" && !("additionalProperties" in schema) ? { ...strict, additionalProperties: false } : strict;
}
