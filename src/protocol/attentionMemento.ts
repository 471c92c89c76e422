/** @file What an attention panel keeps across reloads, checked when it comes back. */
import type { TargetSpec } from "./api.js";
import type { AttentionInput, AttentionSource } from "./attention.js";

/** What the webview stores with `setState` and the serializer gets back. */
export interface AttentionMemento {
  readonly model: string;
  /** As in `AttentionConfig`: an image is its URI as text. */
  readonly input: AttentionInput;
  /** The configuration's own. */
  readonly source?: AttentionSource | undefined;
  /** The class that relevance is asked for. */
  readonly target: TargetSpec;
  /** Which view, layer, head and the like, which only the page knows. */
  readonly view: unknown;
}

/** The subject of a stored panel; `undefined` when what was stored is not one's, as after an update. */
export function readAttentionMemento(stored: unknown): Pick<AttentionMemento, "model" | "input" | "source" | "target"> | undefined {
  if (!isObject(stored)) return undefined;
  const { model, input, source, target } = stored;
  const read = readInput(input);
  if (typeof model !== "string" || !read) return undefined;
  return { model, input: read, source: readSource(source), target: typeof target === "string" || typeof target === "number" ? target : "predicted" };
}

function readSource(source: unknown): AttentionSource | undefined {
  if (!isObject(source)) return undefined;
  const { document, starts } = source;
  return typeof document === "string" && Array.isArray(starts) && starts.every((start) => Number.isInteger(start)) ? { document, starts } : undefined;
}

function readInput(input: unknown): AttentionInput | undefined {
  if (!isObject(input)) return undefined;
  const { kind, text, pair, path } = input;
  if (kind === "image") return typeof path === "string" ? { kind, path } : undefined;
  if (kind !== "text" || typeof text !== "string") return undefined;
  return typeof pair === "string" ? { kind, text, pair } : { kind, text };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
