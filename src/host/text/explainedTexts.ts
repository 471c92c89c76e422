/** @file The explanations that lie on documents: found by place, moved by edits, broken by edits of their own text. Knows nothing of VS Code. */
import type { TextExplanation, TextMethodId } from "../../protocol/text.js";
import type { TargetSpec } from "../../protocol/api.js";
import { follow, overlap, recheck, trackText, type TextChange, type TrackedText } from "./trackedText.js";

/** What a text is explained with. */
export interface TextChoices {
  /** A URI as text. */
  readonly model: string;
  readonly method: TextMethodId;
  readonly target: TargetSpec;
}

/** One explained text, or one that is being explained. */
export interface ExplainedText {
  readonly id: number;
  /** The document's URI as text. */
  readonly document: string;
  readonly choices: TextChoices;
  readonly place: TrackedText;
  /** `undefined` while it is computed. */
  readonly explanation: TextExplanation | undefined;
}

/** An explained text that is there. */
export type SettledText = ExplainedText & { readonly explanation: TextExplanation };

export type ReadText = (start: number, end: number) => string;

export interface ExplainedTexts {
  /** Notes a text that is going to be explained. What is explained there already stays until the result is in. */
  begin(document: string, text: string, start: number, choices: TextChoices): ExplainedText;
  /** Puts a result where its text lies by now, in place of those it overlaps; `undefined` when the text was edited or dropped meanwhile. */
  settle(id: number, explanation: TextExplanation): SettledText | undefined;
  /** The settled text of an id, or the one that took its place: what the editor shows may be a moment old. */
  find(id: number): SettledText | undefined;
  /** Forgets the text of an id, or the one that took its place. */
  drop(id: number): void;
  /** Moves and breaks what lies on a document; true when something has to be painted anew. */
  change(document: string, changes: readonly TextChange[], read: ReadText): boolean;
  /** Looks again at a document that was closed meanwhile; what is not there any more goes. */
  reopen(document: string, read: ReadText): void;
  /** Forgets what lies on a document, or on all. */
  clear(document?: string): void;
  /** What lies on a document, in its order, texts that were edited included. */
  of(document: string): readonly SettledText[];
  /** The one that an offset points at: the one it lies in or at the end of, else the latest of the document. */
  at(document: string, offset: number): SettledText | undefined;
  /** What is still being explained and overlaps a stretch of a document; without one, all of it. */
  pending(document?: string, within?: { readonly start: number; readonly end: number }): readonly ExplainedText[];
  /** The documents that something lies on. */
  documents(): readonly string[];
}

const isSettled = (text: ExplainedText): text is SettledText => text.explanation !== undefined;

export function createExplainedTexts(): ExplainedTexts {
  let texts: readonly ExplainedText[] = [];
  let nextId = 1;
  const successors = new Map<number, number>();
  const latest = (id: number): number => {
    const next = successors.get(id);
    return next === undefined ? id : latest(next);
  };
  const settledOf = (document: string) => texts.filter(isSettled).filter((text) => text.document === document).toSorted((a, b) => a.place.start - b.place.start);

  return {
    begin: (document, text, start, choices) => {
      const begun: ExplainedText = { id: nextId++, document, choices, place: trackText(text, start), explanation: undefined };
      texts = [...texts, begun];
      return begun;
    },
    settle: (id, explanation) => {
      const begun = texts.find((text) => text.id === id);
      if (!begun) return undefined;
      texts = texts.filter((text) => text !== begun);
      if (!begun.place.isIntact) return undefined;
      const settled: SettledText = { ...begun, explanation };
      const replaced = texts.filter((text) => isSettled(text) && text.document === begun.document && overlap(text.place, begun.place));
      for (const text of replaced) successors.set(text.id, id);
      texts = [...texts.filter((text) => !replaced.includes(text)), settled];
      return settled;
    },
    find: (id) => texts.filter(isSettled).find((text) => text.id === latest(id)),
    drop: (id) => {
      texts = texts.filter((text) => text.id !== latest(id));
    },
    change: (document, changes, read) => {
      let isNews = false;
      texts = texts.map((text) => {
        if (text.document !== document) return text;
        const place = follow(text.place, changes, read);
        // The editor moves what it paints by itself, but tears what is written over, even by the same.
        const isTouched = changes.some(({ rangeOffset, rangeLength }) => overlap(text.place, { start: rangeOffset, end: rangeOffset + Math.max(1, rangeLength) }));
        if (isSettled(text) && (place.isIntact !== text.place.isIntact || isTouched)) isNews = true;
        return { ...text, place };
      });
      return isNews;
    },
    reopen: (document, read) => {
      texts = texts.map((text) => (text.document === document ? { ...text, place: recheck(text.place, read) } : text)).filter((text) => text.document !== document || text.place.isIntact);
    },
    clear: (document) => {
      texts = document === undefined ? [] : texts.filter((text) => text.document !== document);
    },
    of: settledOf,
    at: (document, offset) => {
      const all = settledOf(document);
      return all.find(({ place }) => place.start <= offset && offset <= place.end) ?? all.toSorted((a, b) => b.id - a.id)[0];
    },
    pending: (document, within) => texts.filter((text) => !isSettled(text) && (document === undefined || text.document === document) && (!within || overlap(text.place, within))),
    documents: () => [...new Set(texts.map(({ document }) => document))],
  };
}
