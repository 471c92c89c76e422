/** @file A sample of bounded size that does not depend on the order in which things come: those with the smallest keys. */
import { createColumn } from "./columns.js";

/** Images with a row of numbers each. */
export interface Sample {
  /** Offers an image; it stays while its key is among the smallest. `values` are copied, and made only where they are needed. */
  offer(key: number, image: number, values: () => ArrayLike<number>): void;
  /** How many were offered, and how many are here. */
  readonly seen: number;
  readonly size: number;
  image(slot: number): number;
  row(slot: number): Float32Array;
}

/** An empty sample of at most `limit` rows of `width` numbers. */
export function createSample(limit: number, width: number): Sample {
  const rows = createColumn(Float32Array, width);
  const keys: number[] = [];
  const images: number[] = [];
  /** Slots as a binary heap, the largest key first. */
  const heap: number[] = [];
  let seen = 0;
  const keyAt = (place: number) => keys[heap[place]!]!;
  const swap = (a: number, b: number) => ([heap[a], heap[b]] = [heap[b]!, heap[a]!]);

  function rise(place: number) {
    for (let at = place; at > 0 && keyAt((at - 1) >> 1) < keyAt(at); at = (at - 1) >> 1) swap(at, (at - 1) >> 1);
  }
  function sink() {
    for (let at = 0, child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && keyAt(child + 1) > keyAt(child)) child++;
      if (keyAt(child) <= keyAt(at)) return;
      swap(at, child);
      at = child;
    }
  }

  return {
    offer(key, image, values) {
      seen++;
      if (heap.length < limit) {
        rows.push(values());
        keys.push(key);
        images.push(image);
        heap.push(heap.length);
        rise(heap.length - 1);
      } else if (key < keyAt(0)) {
        const slot = heap[0]!;
        rows.set(slot, values());
        keys[slot] = key;
        images[slot] = image;
        sink();
      }
    },
    get seen() {
      return seen;
    },
    get size() {
      return heap.length;
    },
    image: (slot) => images[slot]!,
    row: (slot) => rows.row(slot),
  };
}

/** A number of 53 bits from a name, evenly spread (cyrb53, two multiplicative hashes side by side): a draw that is the same on every machine. */
export function drawOf(name: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
