/** @file What a command writes, and where: results on standard output, everything else on standard error. */
import { stripVTControlCharacters } from "node:util";
import { toWhylightError, type ErrorCode } from "../engine/errors.js";
import type { Note, Phase, Prediction } from "../protocol/api.js";
import { alignColumns } from "../protocol/alignColumns.js";
import { errorTexts, noteTexts, phaseTexts } from "../protocol/errorTexts.js";
import { percent } from "../report/markup.js";
import { english, type Translate } from "./localize.js";

export { alignColumns, percent };

/** The two streams and the language of one run. */
export interface Terminal {
  readonly translate: Translate;
  out(text: string): void;
  err(text: string): void;
  /** Shows what goes on in one line that the next one replaces; nothing where nobody watches. */
  progress(phase: Phase, subject: string): void;
}

/** The terminal of this process. */
export function processTerminal(translate: Translate = english): Terminal {
  let shown = false;
  const clear = () => {
    if (shown) process.stderr.write("\r\x1b[K");
    shown = false;
  };
  return {
    translate,
    out: (text) => {
      clear();
      process.stdout.write(`${text}\n`);
    },
    err: (text) => {
      clear();
      process.stderr.write(`${text}\n`);
    },
    progress: (phase, subject) => {
      if (!process.stderr.isTTY) return;
      const line = `${subject} · ${translate(phaseTexts[phase])} …`;
      process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
      shown = true;
    },
  };
}

/** What went wrong and what to do next. */
export interface FailureText {
  readonly code: ErrorCode;
  readonly text: string;
  readonly next: string;
}

/** An error as people read it. Facts out of files are shown without control characters, which could rewrite a terminal. */
export function describeFailure(thrown: unknown, translate: Translate): FailureText {
  const { code, data } = toWhylightError(thrown);
  const clean = (text: string) => stripVTControlCharacters(translate(text, data)).replace(/\p{Cc}+/gu, " ");
  return { code, text: clean(errorTexts[code].text), next: clean(errorTexts[code].next) };
}

/** A failure as one line; of one among several inputs with the input's name, unless the sentence holds it. */
export function failureLine(input: string, { text, next }: FailureText, isAmongSeveral: boolean): string {
  return `${isAmongSeveral && !text.includes(input) ? `${input}: ` : ""}${text} ${next}`;
}

/** Failures that come from how the command was written. */
const wrongUse: ReadonlySet<ErrorCode> = new Set(["methodUnknown", "methodNotInLibrary", "parameterInvalid", "specInvalid"]);

/** The exit code for what failed: 0 for nothing, 2 for wrong use, 1 for everything else. */
export function exitCodeOf(failures: readonly { readonly code: ErrorCode }[]): number {
  if (failures.length === 0) return 0;
  return failures.some(({ code }) => wrongUse.has(code)) ? 2 : 1;
}

/** A remark as people read it. */
export function describeNote({ code, data }: Note, translate: Translate): string {
  return stripVTControlCharacters(translate(noteTexts[code], data)).replace(/\p{Cc}+/gu, " ");
}

/** Predictions as a small table, indented. */
export function predictionLines(predictions: readonly Prediction[]): string[] {
  const rows = predictions.map(({ index, label, logit, probability }) => [String(index), cut(label, 40), percent(probability), logit.toFixed(3)]);
  return alignColumns(rows, [0, 2, 3]).map((line) => `  ${line}`);
}

/** A text's file or number with how it begins; tokens without a text are called by their file alone. */
export function inputTitle(input: string, text: string): string {
  return text === "" ? input : `${input} · ${oneLine(text, 100)}`;
}

/** A text on one line, at most `length` characters of it. */
export function oneLine(text: string, length: number): string {
  return cut(text.replace(/\s+/g, " "), length);
}

/** At most `length` characters, without control characters. */
export function cut(text: string, length: number): string {
  const plain = stripVTControlCharacters(text).replace(/\p{Cc}+/gu, " ");
  return plain.length <= length ? plain : `${plain.slice(0, length - 1)}…`;
}
