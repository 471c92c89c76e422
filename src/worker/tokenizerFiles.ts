/** @file The tokenizer beside a model: its files, found and read. */
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { WhylightError } from "../engine/errors.js";
import { buildTokenizer, tokenizerFileNames } from "../engine/text/buildTokenizer.js";
import type { Tokenizer } from "../engine/text/tokenizer.js";

/** Above this size no file of a tokenizer is read; the largest vocabularies take a quarter of it. */
const largestFile = 64 * 2 ** 20;

/** The files that a vocabulary can come from, best first, each with what else it needs. */
const sources: readonly (readonly [string, ...string[]])[] = [["tokenizer.json"], ["vocab.json", "merges.txt"], ["vocab.txt"]];

/**
 * The tokenizer in the model's folder, else in the one above, where Optimum and transformers.js leave it when they put models in `onnx/`; and the path of the file its vocabulary is from.
 * Throws `tokenizerMissing` {path} when there is none and `tokenizerInvalid` {file, reason} when it cannot be used.
 */
export function findTokenizer(modelPath: string): { readonly tokenizer: Tokenizer; readonly file: string } {
  const found = locate(modelPath);
  if (!found) throw new WhylightError("tokenizerMissing", { path: modelPath });
  const files: Record<string, string> = {};
  for (const name of tokenizerFileNames) {
    // tokenizer.json says all that the files of a vocabulary would.
    if (sources.some((source) => source !== found.source && source.includes(name))) continue;
    const text = readText(join(found.folder, name), name);
    if (text !== undefined) files[name] = text;
  }
  return { tokenizer: buildTokenizer(files), file: join(found.folder, found.source[0]) };
}

/** Whether `findTokenizer` would find one; its files are not read. */
export function hasTokenizer(modelPath: string): boolean {
  return locate(modelPath) !== undefined;
}

function locate(modelPath: string): { readonly folder: string; readonly source: (typeof sources)[number] } | undefined {
  const folder = dirname(modelPath);
  for (const place of [folder, dirname(folder)]) {
    const source = sources.find((names) => names.every((name) => existsSync(join(place, name))));
    if (source) return { folder: place, source };
  }
  return undefined;
}

/** A file's text; `undefined` when it is not there. */
function readText(path: string, file: string): string | undefined {
  if (!existsSync(path)) return undefined;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const { size } = fstatSync(descriptor);
    if (size > largestFile) throw new WhylightError("tokenizerInvalid", { file, reason: `it takes ${Math.ceil(size / 2 ** 20)} MB, more than the ${largestFile / 2 ** 20} MB that are read` });
    return readFileSync(descriptor, "utf8");
  } catch (thrown) {
    if (thrown instanceof WhylightError) throw thrown;
    throw new WhylightError("tokenizerInvalid", { file, reason: thrown instanceof Error ? thrown.message : String(thrown) });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
