/** @file What an audit keeps of every image: a few numbers, in columns. */
import { hashWords } from "../debug/hash.js";
import { createColumn } from "./columns.js";
import type { AuditRecord } from "./record.js";
import { drawOf } from "./sample.js";

export interface ImageFacts {
  /** Its number, in the order in which images were added. */
  readonly image: number;
  readonly file: string;
  readonly label: number;
  readonly predicted: number;
  readonly confidence: number;
  readonly trueProbability: number;
  /** Classes with their probabilities, likeliest first, at most five. */
  readonly top: readonly (readonly [index: number, probability: number])[];
  readonly hash: readonly [high: number, low: number];
}

export interface FactTable {
  add(record: AuditRecord): void;
  at(image: number): ImageFacts;
  readonly length: number;
  /** All images in the order of their names, or of a draw by their names: orders that do not depend on which came first. */
  byName(): Iterable<ImageFacts>;
  byDraw(): Iterable<ImageFacts>;
}

/** Classes of `top` that are kept. */
const kept = 5;

/** An empty table: about 120 bytes an image, and its name, which the caller's list of files holds anyway. */
export function createFactTable(): FactTable {
  const files: string[] = [];
  const classes = createColumn(Int32Array, 2 + kept);
  const numbers = createColumn(Float64Array, 2 + kept);
  const hashes = createColumn(Uint32Array, 2);
  const draws: number[] = [];
  /** Sorted image numbers, until one is added. */
  const orders = new Map<(a: number, b: number) => number, Int32Array>();

  function at(image: number): ImageFacts {
    const [[label, predicted, ...likeliest], [confidence, trueProbability, ...probabilities], [high, low]] = [classes.row(image), numbers.row(image), hashes.row(image)];
    const top = likeliest.map((likely, i) => [likely, probabilities[i]!] as const).filter(([likely]) => likely >= 0);
    return { image, file: files[image]!, label: label!, predicted: predicted!, confidence: confidence!, trueProbability: trueProbability!, top, hash: [high!, low!] };
  }
  // One image's facts at a time: all of them as objects would take ten times the columns.
  function* inOrder(compare: (a: number, b: number) => number): Generator<ImageFacts> {
    const order = orders.get(compare) ?? Int32Array.from(files, (_, i) => i).sort(compare);
    orders.set(compare, order);
    for (const image of order) yield at(image);
  }
  const name = (a: number, b: number) => (files[a]! < files[b]! ? -1 : 1);
  const draw = (a: number, b: number) => draws[a]! - draws[b]! || name(a, b);

  return {
    add({ file, label, predicted, confidence, trueProbability, top, hash }) {
      orders.clear();
      files.push(file);
      classes.push([label, predicted, ...Array.from({ length: kept }, (_, i) => top[i]?.[0] ?? -1)]);
      numbers.push([confidence, trueProbability, ...top.slice(0, kept).map(([, probability]) => probability)]);
      hashes.push(hashWords(hash));
      draws.push(drawOf(file));
    },
    at,
    get length() {
      return files.length;
    },
    byName: () => ({ [Symbol.iterator]: () => inOrder(name) }),
    byDraw: () => ({ [Symbol.iterator]: () => inOrder(draw) }),
  };
}
