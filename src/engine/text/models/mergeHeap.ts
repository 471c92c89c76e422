/** @file A heap of candidate merges, lowest rank first and of equal ranks the leftmost. */

export interface MergeHeap {
  push(rank: number, position: number): void;
  pop(): { readonly rank: number; readonly position: number } | undefined;
}

/** Ranks and positions are below 2^26 and 2^27, so that both fit one number, and numbers compare in their order. */
const positionLimit = 2 ** 27;

/** A binary heap. */
export function mergeHeap(): MergeHeap {
  const keys: number[] = [];
  return {
    push: (rank, position) => {
      const key = rank * positionLimit + position;
      let at = keys.length;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (keys[parent]! <= key) break;
        keys[at] = keys[parent]!;
        at = parent;
      }
      keys[at] = key;
    },
    pop: () => {
      const top = keys[0];
      const last = keys.pop();
      if (top === undefined || last === undefined) return undefined;
      if (keys.length > 0) sink(keys, last);
      return { rank: Math.floor(top / positionLimit), position: top % positionLimit };
    },
  };
}

/** Puts a key at the top and lets it down to its place. */
function sink(keys: number[], key: number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= keys.length) break;
    if (child + 1 < keys.length && keys[child + 1]! < keys[child]!) child++;
    if (keys[child]! >= key) break;
    keys[at] = keys[child]!;
    at = child;
  }
  keys[at] = key;
}
