/** @file The picture as a file: drawing, pixels, numbers, or a page. */
import type { AttentionConfig, AttentionExport, AttentionState } from "../../src/protocol/attention.js";
import { packContent } from "../../src/protocol/attentionPage.js";
import type { Grid } from "../../src/drawing/heatmap.js";
import type { Drawing, Subject } from "./part.js";
import type { AttentionViewState } from "./view.js";

/** A saved page holds the weights of all layers up to this many bytes of them; beyond, of those that were looked at. */
const mostBytes = 32 * 2 ** 20;
/** Twice the drawing's own size. */
const ratio = 2;
/** What browsers make of a canvas. */
const longestSide = 16_384;

/** What there is to save. */
export interface Exported {
  readonly drawing: Drawing;
  readonly subject: Subject;
  readonly state: AttentionState;
  readonly config: AttentionConfig;
}

/** A name for the file: the input's, then what is shown of it. */
export function exportName(inputName: string, view: Pick<AttentionViewState, "view" | "overlay" | "summary">, layer: number, head: number | "mean", extension: string): string {
  const base = inputName.replace(/\.[^.]+$/, "").replace(/[^\p{L}\p{N}._-]+/gu, "_") || "attention";
  const summary = view.view === "average" ? view.summary : view.view === "overlay" && view.overlay !== "head" ? view.overlay : undefined;
  const parts = summary !== undefined ? [summary] : view.view === "model" ? ["model"] : view.view === "grid" || view.view === "heads" ? [`layer${layer}`, view.view] : [`layer${layer}`, head === "mean" ? "mean" : `head${head}`];
  return [base, "attention", ...parts, extension].join(".");
}

/** The numbers of what is shown, with all that names them. */
export function exportJson({ drawing, subject: { summary, view, layerIndex, head, layer }, state, config }: Exported): string {
  const { request, runtime, task, tokens, agreement, predictions, target, ms } = summary;
  return JSON.stringify({
    attention: drawing.numbers, input: config.input, inputName: state.inputName, model: request.model, task, runtime: runtime.detail, tokens,
    layer: layerIndex, node: layer.node, head, settings: view, agreement, predictions, target, ms,
  }, (_, value: unknown) => (value instanceof Float32Array || value instanceof Uint8Array ? Array.from(value) : value));
}

/** A drawing as a picture, at twice its size where browsers can. */
export async function exportPng(svg: string): Promise<Uint8Array> {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
    const scale = Math.min(ratio, longestSide / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(image.naturalWidth * scale), height: Math.round(image.naturalHeight * scale) });
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("the browser made no picture");
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Which layers a saved page holds. */
export function layersToSave({ layers }: Subject["summary"], kept: Iterable<number>): readonly number[] {
  const bytes = layers.reduce((sum, { windows, heads, queries, keys }) => sum + 4 * windows * heads * queries * keys, 0);
  return bytes <= mostBytes ? layers.map((_, layer) => layer) : [...kept].toSorted((a, b) => a - b);
}

/** The content of a saved page. */
export function exportContent({ state, config, subject }: Pick<Exported, "state" | "config" | "subject">, layers: ReadonlyMap<number, Grid>): string {
  return packContent({
    config, layers: Object.fromEntries(layers), view: subject.view,
    state: { ...state, busy: undefined, failure: undefined },
  });
}

/** A file of the format. */
export async function exportBytes(format: Exclude<AttentionExport, "html">, exported: Exported): Promise<Uint8Array> {
  const text = (content: string) => new TextEncoder().encode(content);
  if (format === "svg") return text(exported.drawing.svg);
  return format === "json" ? text(exportJson(exported)) : exportPng(exported.drawing.svg);
}
