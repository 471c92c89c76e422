/** @file Texts longer than a model takes: read in windows that overlap, or, where the text is to be continued, by its end alone. */
import { WhylightError } from "../../errors.js";
import type { EncodedToken, Tokenizer } from "../../text/tokenizer.js";
import type { TextTask } from "./textModel.js";

/** One stretch of the text as the model reads it. */
export interface TextWindow {
  /** With special tokens and the pair. */
  readonly tokens: readonly EncodedToken[];
  /** Where each of them stands among all tokens. */
  readonly places: readonly number[];
  /** The stretch of the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
}

/** A text as a model reads it. */
export interface TextReading {
  /** All tokens that are read, with the special tokens of one whole text. */
  readonly tokens: readonly EncodedToken[];
  /** Of equal length; one for most texts. */
  readonly windows: readonly TextWindow[];
  readonly notes: readonly { readonly code: "textWindowed" | "textTruncated"; readonly data: Readonly<Record<string, number>> }[];
}

/** Longer texts are a mistake: a whole book would take hours. */
const mostCharacters = 100_000;
/** What models are trained on that state no length, and the most that one without a table of positions is given. */
const [usualLongest, mostTokens] = [512, 2048];
/** How much of a window the next one reads again. */
const overlap = 1 / 4;
/** A pair may take so much of a window. */
const largestPair = 3 / 4;

/** How many tokens the model reads at once, special ones included. */
export function longestOf(tokenizer: Pick<Tokenizer, "longest">, model: { readonly longest: number | undefined }): number {
  return Math.min(tokenizer.longest ?? usualLongest, model.longest ?? mostTokens) || usualLongest;
}

const invalid = (reason: string) => new WhylightError("textInvalid", { reason });

/** Reads a text, or a pair of texts of which the first may be long. Throws `textInvalid` for texts without tokens, and for those that are too long. */
export function readText(tokenizer: Tokenizer, { text, pair }: { readonly text: string; readonly pair?: string | undefined }, longest: number, task: TextTask): TextReading {
  if (text.length + (pair?.length ?? 0) > mostCharacters) throw invalid(`it has ${text.length + (pair?.length ?? 0)} characters, and ${mostCharacters} are the most`);
  const own = tokenizer.tokenize(text, 0);
  if (own.length === 0) throw invalid("it holds no words");
  const second = pair === undefined ? undefined : tokenizer.tokenize(pair, 1);
  if (second?.length === 0) throw invalid("the second text holds no words");
  const fixed = tokenizer.assemble([], second).length;
  const room = longest - fixed;
  if (room < 1 || (second !== undefined && second.length > largestPair * longest)) throw invalid(`the second text has ${second?.length ?? 0} tokens of the ${longest} that the model takes, which leaves no room for the first`);
  const whole = tokenizer.assemble(own, second);
  const data = { tokens: whole.length, longest };
  if (own.length <= room) return reading(tokenizer, own, second, [0], own.length, []);
  if (task === "next-token") return reading(tokenizer, own.slice(-room), second, [0], room, [{ code: "textTruncated", data: { ...data, kept: room } }]);
  const step = Math.max(1, room - Math.floor(room * overlap));
  // The last window reaches back, so that all have one length and one compiled program serves.
  const starts = Array.from({ length: Math.ceil((own.length - room) / step) + 1 }, (_, i) => Math.min(i * step, own.length - room));
  return reading(tokenizer, own, second, starts, room, [{ code: "textWindowed", data: { ...data, windows: starts.length } }]);
}

function reading(tokenizer: Tokenizer, own: readonly EncodedToken[], second: readonly EncodedToken[] | undefined, starts: readonly number[], room: number, notes: TextReading["notes"]): TextReading {
  const tokens = tokenizer.assemble(own, second);
  const kinds = tokens.map(kindOf);
  const places = (kind: 0 | 1 | "added") => kinds.flatMap((each, i) => (each === kind ? [i] : []));
  const [first, other, added] = [places(0), places(1), places("added")];
  const windows = starts.map((from): TextWindow => {
    const stretch = own.slice(from, from + room);
    const next = { 0: from, 1: 0, added: 0 };
    const read = tokenizer.assemble(stretch, second);
    return {
      tokens: read, places: read.map((token) => { const kind = kindOf(token); return { 0: first, 1: other, added }[kind][next[kind]++]!; }),
      start: Math.min(...stretch.map(({ start }) => start)), end: Math.max(...stretch.map(({ end }) => end)),
    };
  });
  return { tokens, windows, notes };
}

/** Special tokens that a person wrote are part of the text, and have a place in it. */
function kindOf({ special, start, end, part }: EncodedToken): 0 | 1 | "added" {
  return special && start === 0 && end === 0 ? "added" : part;
}
