/** @file What a saved attention page carries: the panel's state and weights as JSON, numbers in base64, so that the page's own script answers itself. */
import type { AttentionConfig, AttentionState, AttentionWeights } from "./attention.js";
import { fromBase64, toBase64 } from "./base64.js";

/** The ids of the elements that the saved page embeds. */
export const contentElement = "whylight-content";

/** Everything a saved page shows. */
export interface AttentionPageContent {
  readonly config: AttentionConfig;
  /** As it was shown; nothing is busy, failed or offers an action. */
  readonly state: AttentionState;
  /** The weights of the layers that are in the page, by their index. */
  readonly layers: Readonly<Record<number, AttentionWeights>>;
  /** How it was drawn: the page's own choices, read leniently. */
  readonly view: unknown;
}

/** What the page is put together from. */
export interface AttentionPageRequest {
  /** The text of `dist/webview.js` and of `dist/webview.css`. */
  readonly script: string;
  readonly style: string;
  /** What `packContent` made: what the panel handed to `save` as `html`, as text. */
  readonly content: string;
  /** A language tag for screen readers. */
  readonly language: string;
}

/** A typed array in JSON: its values, little-endian, in base64. */
type Packed = { readonly $float32: string } | { readonly $uint8: string };

/** The content as JSON. Float32 arrays and bytes are base64; other numbers that JSON lacks become null. */
export function packContent(content: AttentionPageContent): string {
  return JSON.stringify(content, (_, value: unknown): unknown => {
    if (value instanceof Float32Array) return { $float32: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) } satisfies Packed;
    if (value instanceof Uint8Array) return { $uint8: toBase64(value) } satisfies Packed;
    return value;
  });
}

/** What `packContent` wrote. */
export function unpackContent(json: string): AttentionPageContent {
  return JSON.parse(json, (_, value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if ("$float32" in value && typeof value.$float32 === "string") return new Float32Array(fromBase64(value.$float32).buffer);
    if ("$uint8" in value && typeof value.$uint8 === "string") return fromBase64(value.$uint8);
    return value;
  }) as AttentionPageContent;
}
