/** @file Pictures that are nearly the same, found by their hashes without comparing every pair. */
import { bitCount, nearlySameBits } from "../debug/hash.js";

/** Ones and zeros that a hash must have to speak: several times as many as may differ. */
const leastStructure = 3 * nearlySameBits;

/** Two numbers of 32 bits. */
export type HashWords = readonly [high: number, low: number];

/**
 * Groups of at least two indices whose hashes differ in at most `nearlySameBits` bits, or are linked by others that do. Each hash is cut into four bands: of at most four differing bits, one band gets at most one,
 * so it is enough to look up each band with none or one of its bits turned. A hash of mostly zeros or ones is of a picture with little structure, such as one thing before an even ground, and says too little:
 * different things there have few bits to differ in.
 */
export function duplicateGroups(hashes: readonly HashWords[]): number[][] {
  const parents = hashes.map((_, i) => i);
  const rootOf = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] = parents[parents[root]!]!;
    return root;
  };
  const link = (a: number, b: number) => {
    const [low, high] = [rootOf(a), rootOf(b)].toSorted((x, y) => x - y) as [number, number];
    parents[high] = low;
  };
  const speaking = hashes.flatMap(([high, low], i) => {
    const bits = bitCount(high) + bitCount(low);
    return bits >= leastStructure && bits <= 64 - leastStructure ? [i] : [];
  });
  // Equal hashes first, so that a thousand copies of one picture are looked up once.
  const sorted = speaking.toSorted((a, b) => hashes[a]![0] - hashes[b]![0] || hashes[a]![1] - hashes[b]![1] || a - b);
  const distinct = sorted.filter((index, at) => {
    const before = sorted[at - 1];
    const isCopy = before !== undefined && hashes[before]![0] === hashes[index]![0] && hashes[before]![1] === hashes[index]![1];
    if (isCopy) link(before, index);
    return !isCopy;
  });
  const tables = [0, 1, 2, 3].map(() => new Map<number, number[]>());
  for (const index of distinct) {
    const [high, low] = hashes[index]!;
    tables.forEach((table, band) => {
      const key = bandOf(high, low, band);
      for (let turned = -1; turned < 16; turned++) {
        for (const other of table.get(turned < 0 ? key : key ^ (1 << turned)) ?? []) {
          if (bitCount(hashes[other]![0] ^ high) + bitCount(hashes[other]![1] ^ low) <= nearlySameBits) link(other, index);
        }
      }
      const bucket = table.get(key);
      if (bucket) bucket.push(index);
      else table.set(key, [index]);
    });
  }
  const groups = new Map<number, number[]>();
  for (const index of speaking) {
    const group = groups.get(rootOf(index));
    if (group) group.push(index);
    else groups.set(rootOf(index), [index]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** Two bits of each of the hash's eight rows: an even sky, which fills rows with zeros, then fills no band. */
function bandOf(high: number, low: number, band: number): number {
  let key = 0;
  for (let row = 0; row < 4; row++) key = (key << 4) | (((high >>> (8 * row + 2 * band)) & 3) << 2) | ((low >>> (8 * row + 2 * band)) & 3);
  return key;
}
