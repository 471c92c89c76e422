/** @file Keeps the attention weights of the last inputs, so that a view of another layer needs no run of the model. */
import type { AttentionWeights } from "../protocol/attention.js";

export interface AttentionCache {
  /** Starts over for an input; hands back what takes each layer's weights, which may be given up again. */
  begin(key: string): (layer: number, weights: AttentionWeights) => void;
  get(key: string, layer: number): AttentionWeights | undefined;
  clear(): void;
}

/** A cache of at most so many inputs and bytes: of the oldest input the weights go first, then those of the newest that do not fit. */
export function createAttentionCache(mostInputs = 2, mostBytes = 1e9): AttentionCache {
  const inputs = new Map<string, Map<number, AttentionWeights>>();
  let bytes = 0;

  function drop(key: string): void {
    for (const { data } of inputs.get(key)?.values() ?? []) bytes -= data.byteLength;
    inputs.delete(key);
  }

  return {
    begin: (key) => {
      drop(key);
      const layers = new Map<number, AttentionWeights>();
      inputs.set(key, layers);
      for (const oldest of inputs.keys()) if (inputs.size > mostInputs) drop(oldest);
      return (layer, weights) => {
        const size = weights.data.byteLength;
        for (const oldest of inputs.keys()) if (oldest !== key && bytes + size > mostBytes) drop(oldest);
        if (inputs.get(key) !== layers || bytes + size > mostBytes) return;
        layers.set(layer, weights);
        bytes += size;
      };
    },
    get: (key, layer) => inputs.get(key)?.get(layer),
    clear: () => {
      inputs.clear();
      bytes = 0;
    },
  };
}
