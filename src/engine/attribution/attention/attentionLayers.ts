/** @file The attention layers of a graph, what their tokens are, and which of them attend over the same ones. */
import { sizeOf } from "../../ir/tensor.js";
import { attentionSites, type AttentionSite } from "../attentionSites.js";
import { spatialValues } from "../spatial.js";
import type { AttentionGraph } from "./attentionProgram.js";
import { placeFinder, type TokenPlaces } from "./tokenPlaces.js";
import { tokenLayout, type TokenLayout } from "./windowLayout.js";

/** One attention and where its queries lie. */
export interface FoundLayer {
  readonly site: AttentionSite;
  /** `[windows, heads, queries, keys]` of the weights that are handed out: without padding behind a text. */
  readonly shape: AttentionSite["shape"];
  /** For images, where it can be told. */
  readonly places: TokenPlaces | undefined;
  readonly layout: TokenLayout;
}

/** What is looked at: a graph, and what its input is. */
export interface AttentionSubject extends AttentionGraph {
  /** The image input; `undefined` for texts. */
  readonly image: string | undefined;
  /** How many tokens a text has; those behind them are padding. `undefined` for images. */
  readonly tokens: number | undefined;
}

/** The layers of one subject. */
export interface FoundLayers {
  readonly layers: readonly FoundLayer[];
  /** Numbers of the layers that have one window and attend over the same tokens: of several such groups the largest one. */
  readonly common: readonly number[];
  /** Tokens of the common layers; 0 where there are none. */
  readonly tokens: number;
}

const nowhere: TokenLayout = { prefix: 0, grid: undefined };

export function attentionLayers({ graph, image, tokens }: Pick<AttentionSubject, "graph" | "image" | "tokens">): FoundLayers {
  const placeOf = image === undefined ? undefined : placeFinder(graph, image);
  const layers = attentionSites(graph).map((site): FoundLayer => {
    const places = placeOf?.(site);
    const [windows, heads, queries, keys] = site.shape;
    const [shownQueries, shownKeys] = tokens !== undefined && site.isSquare && queries > tokens ? [tokens, tokens] : [queries, keys];
    return { site, shape: [windows, heads, shownQueries, shownKeys], places, layout: places ? tokenLayout(places, windows, queries) : nowhere };
  });
  // Of an image, attention over channels is square too, and its channels lie nowhere.
  const groupOf = ({ site, shape, layout }: FoundLayer) => (shape[0] === 1 && site.isSquare && (image === undefined || layout.grid !== undefined) ? `${shape[2]}|${String(layout.grid)}|${layout.prefix}` : undefined);
  const groups = new Map<string, number[]>();
  layers.forEach((layer, i) => {
    const group = groupOf(layer);
    // A text's own tokens come before those of, say, a decoder's start.
    if (group !== undefined && (tokens === undefined || layer.shape[2] === tokens)) groups.set(group, [...(groups.get(group) ?? []), i]);
  });
  const common = [...groups.values()].reduce((best, group) => (group.length > best.length ? group : best), []);
  return { layers, common, tokens: common.length > 0 ? layers[common[0]!]!.shape[2] : 0 };
}

/** Bytes that the weights of a layer take. */
export const weightBytes = ({ shape }: Pick<FoundLayer, "shape">) => 4 * sizeOf(shape);

/** The output of a vision transformer's patch embedding: the first value that holds one row per patch of that grid. */
export function patchEmbedding({ graph, image }: Pick<AttentionSubject, "graph" | "image">, grid: readonly [rows: number, columns: number]): string | undefined {
  return image === undefined ? undefined : [...spatialValues(graph, image)].find(([, { layout, grid: own, prefix }]) => layout === "tokens" && prefix === 0 && String(own) === String(grid))?.[0];
}
