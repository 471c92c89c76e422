/** @file The texts of a command line: written in it, in files, or as the ids of their tokens in files. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { WhylightError } from "../engine/errors.js";
import type { TextInput } from "../protocol/text.js";
import { isTensorFile } from "../worker/prepareInput.js";
import { holdsTokenIds, readTokenIds } from "../worker/tokenFile.js";
import { stemsOf } from "./outputFolder.js";

/** One text to read. */
export interface GivenText {
  /** The file, or "text-1" for the first that was written on the command line. */
  readonly input: string;
  /** What its own files are called. */
  readonly stem: string;
  /** Read where it is asked for, so that a file that fails does not stop the others. Throws `inputNotFound`, `inputInvalid` and `textFileInvalid`. */
  readonly content: Pick<TextInput, "text" | "tokens">;
}

const isTextFile = (path: string) => /\.(txt|md)$/i.test(path);
const isTokenFile = (path: string) => isTensorFile(path) && holdsTokenIds(path);

/** The texts asked for, in the order they were named: `--text` values, each a text or a file (a file's name that is there, or that is a single word), then inputs. Throws `parameterInvalid` where images stand among them. */
export function givenTexts(values: readonly string[], inputs: readonly string[]): readonly GivenText[] {
  const other = inputs.find((input) => !isTextFile(input) && !isTokenFile(input));
  if (other !== undefined) throw new WhylightError("parameterInvalid", { parameter: other, reason: "texts and images cannot be explained in one go" });
  let literal = 0;
  const isFile = (value: string) => isTextFile(value) && (!/\s/.test(value) || existsSync(value));
  const texts = [
    ...values.map((value) => (isFile(value) ? { input: value, read: () => readContent(value) } : { input: `text-${++literal}`, read: () => ({ text: value }) })),
    ...inputs.map((input) => ({ input, read: () => readContent(input) })),
  ];
  const stems = stemsOf(texts.map(({ input }) => input));
  return texts.map(({ input, read }, i) => ({ input, stem: stems[i]!, get content() { return read(); } }));
}

/** Whether what is named are texts. Throws `parameterInvalid` when nothing is named, or a second text without a first. */
export function areTexts(values: readonly string[], inputs: readonly string[], pair: string | undefined): boolean {
  if (values.length === 0 && inputs.length === 0) throw new WhylightError("parameterInvalid", { parameter: "input", reason: "name an image or a text file, or give a text with --text" });
  const found = values.length > 0 || inputs.some((input) => isTextFile(input) || isTokenFile(input));
  if (!found && pair !== undefined) throw new WhylightError("parameterInvalid", { parameter: "--pair", reason: "it is the second of two texts" });
  return found;
}

const readContent = (path: string): GivenText["content"] => (isTensorFile(path) ? { text: "", tokens: readTokenIds(path) } : { text: readText(path) });

/** Larger files are no texts to explain; the engine says exactly how long one may be. */
const largestFile = 64 * 2 ** 20;

/** Without a byte order mark. Other encodings would be read as other words, and explained as if nothing were wrong. */
function readText(path: string): string {
  const invalid = (reason: string, cause?: unknown) => new WhylightError("textFileInvalid", { path, reason }, { cause });
  let bytes: Uint8Array;
  try {
    const { size } = statSync(path);
    if (size > largestFile) throw invalid(`it takes ${Math.ceil(size / 2 ** 20)} MB`);
    bytes = readFileSync(path);
  } catch (thrown) {
    throw thrown instanceof WhylightError ? thrown : new WhylightError("inputNotFound", { path }, { cause: thrown });
  }
  if (bytes.includes(0)) throw invalid("it holds zero bytes, as UTF-16 and binary files do");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (thrown) {
    throw invalid("its bytes are not UTF-8", thrown);
  }
}
