/** @file Labels of files out of a CSV or JSON file. */
import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import Papa from "papaparse";
import { WhylightError } from "../../engine/errors.js";

/** A label as it is written: a class's name, or its index. */
export type WrittenLabel = string | number;

/** Names of the columns, and of the fields of JSON objects, without spaces and signs; where there are several the first here counts. */
const fileColumns = ["file", "filename", "filenames", "filepath", "path", "image", "imagepath", "imagename", "imageid", "img", "id"];
const labelColumns = ["label", "labels", "classname", "class", "category", "target", "truth", "true", "y"];
const longestFile = 500_000_000;

/** Labels by file, as the file names them but with forward slashes. Throws `labelsInvalid`. */
export function readLabels(path: string): ReadonlyMap<string, WrittenLabel> {
  const fail = (reason: string): never => {
    throw new WhylightError("labelsInvalid", { path, reason });
  };
  const text = textOf(path) ?? fail("it cannot be read");
  const rows = extname(path).toLowerCase() === ".json" ? rowsOfJson(text, fail) : rowsOfCsv(text, fail);
  const labels = new Map<string, WrittenLabel>();
  for (const [file, label] of rows) {
    if (file.trim() === "" || label === "") continue;
    const name = normalizePath(file);
    const before = labels.get(name);
    if (before !== undefined && before !== label) fail(`it gives ${name} two labels, ${before} and ${label}`);
    labels.set(name, label);
  }
  return labels.size > 0 ? labels : fail("it holds no labels");
}

/** "./a\b.jpg" as "a/b.jpg". */
export function normalizePath(file: string): string {
  return file.trim().replaceAll("\\", "/").replace(/^(\.\/)+/, "");
}

type Rows = readonly (readonly [file: string, label: WrittenLabel])[];
type Fail = (reason: string) => never;

function textOf(path: string): string | undefined {
  try {
    if (statSync(path).size > longestFile) return undefined;
    const bytes = readFileSync(path);
    // What spreadsheets call Unicode text.
    const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16le" : "utf8";
    return bytes.toString(encoding).replace(/^\uFEFF/, "");
  } catch {
    return undefined;
  }
}

/** The first row names the columns, unless there are two and it holds a file's name. */
function rowsOfCsv(text: string, fail: Fail): Rows {
  const { data: [first = [], ...others] } = Papa.parse<string[]>(text, { skipEmptyLines: "greedy" });
  const [file, label] = [placeOf(first, fileColumns), placeOf(first, labelColumns)];
  if (file >= 0 && label >= 0) return others.map((row) => [row[file] ?? "", (row[label] ?? "").trim()]);
  if (first.length === 2 && /\.\w{2,5}$/.test(first[0]!.trim())) return [first, ...others].map((row) => [row[0] ?? "", (row[1] ?? "").trim()]);
  return fail(`it has no column ${file < 0 ? "file" : "label"}`);
}

function rowsOfJson(text: string, fail: Fail): Rows {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail("it is no JSON");
  }
  if (typeof value !== "object" || value === null) return fail("it holds no object and no list");
  if (!Array.isArray(value)) return Object.entries(value).map(([file, label], i) => [file, written(label) ?? fail(`entry ${i + 1} (${file}) is neither a name nor an index`)]);
  return value.map((entry: unknown, i) => {
    const fields = typeof entry === "object" && entry !== null ? Object.entries(entry) : [];
    const [file, label] = [fileColumns, labelColumns].map((columns): unknown => fields[placeOf(fields.map(([name]) => name), columns)]?.[1]);
    return typeof file === "string" ? [file, written(label) ?? fail(`entry ${i + 1} has no label`)] : fail(`entry ${i + 1} has no file`);
  });
}

function written(label: unknown): WrittenLabel | undefined {
  return typeof label === "string" ? label.trim() : typeof label === "number" ? label : undefined;
}

/** Where the first of the names stands; -1 for nowhere. */
function placeOf(head: readonly string[], names: readonly string[]): number {
  const plain = head.map((text) => text.toLowerCase().replace(/[^a-z]/g, ""));
  return plain.indexOf(names.find((name) => plain.includes(name)) ?? "\n");
}
