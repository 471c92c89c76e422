/** @file The weights of layers, fetched when a view asks for them and kept while there is room, the last used longest. */
import type { Grid } from "../../src/drawing/heatmap.js";

export interface LayerStore {
  /** The weights, if they are here; otherwise they are on their way, and `changed` is called when they come. */
  get(layer: number): Grid | undefined;
  /** Whether fetching a layer failed. */
  hasFailed(layer: number): boolean;
  /** Fetches again what failed. */
  retry(layer: number): void;
  /** Every layer's weights, fetched where needed; those that cannot be had are left out. */
  all(layers: readonly number[]): Promise<ReadonlyMap<number, Grid>>;
  /** What is here now. */
  kept(): ReadonlyMap<number, Grid>;
  clear(): void;
}

/** About five layers of twelve heads over 512 tokens. */
const mostBytes = 64 * 2 ** 20;

/** The store. `fetch` asks the host. The layer asked for last is always kept. */
export function createLayerStore(fetch: (layer: number) => Promise<Grid>, changed: () => void, most = mostBytes): LayerStore {
  let known = new Map<number, Grid>();
  let pending = new Map<number, Promise<Grid | undefined>>();
  let failed = new Set<number>();

  function keep(layer: number, weights: Grid): void {
    known.delete(layer);
    known.set(layer, weights);
    let bytes = [...known.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    for (const [oldest, { data }] of known) {
      if (bytes <= most || oldest === layer) break;
      known.delete(oldest);
      bytes -= data.byteLength;
    }
  }

  function load(layer: number): Promise<Grid | undefined> {
    const running = pending.get(layer);
    if (running) return running;
    // What was asked of an earlier input is not kept.
    const mine = pending;
    const promise = fetch(layer).then((weights) => {
      if (mine === pending) keep(layer, weights);
      return weights;
    }, () => {
      if (mine === pending) failed.add(layer);
      return undefined;
    }).finally(() => {
      mine.delete(layer);
      if (mine === pending) changed();
    });
    mine.set(layer, promise);
    return promise;
  }

  return {
    get: (layer) => {
      const weights = known.get(layer);
      if (weights) keep(layer, weights);
      else if (!failed.has(layer)) void load(layer);
      return weights;
    },
    hasFailed: (layer) => failed.has(layer),
    retry: (layer) => {
      failed.delete(layer);
      void load(layer);
    },
    all: async (layers) => {
      const found = new Map<number, Grid>();
      for (const layer of layers) {
        const weights = known.get(layer) ?? (await load(layer));
        if (weights) found.set(layer, weights);
      }
      return found;
    },
    kept: () => known,
    clear: () => [known, pending, failed] = [new Map(), new Map(), new Set()],
  };
}
