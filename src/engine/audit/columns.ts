/** @file Facts of many images, a few numbers each, in typed arrays that grow. */
import { hashWords } from "../debug/hash.js";
import type { AuditRecord } from "./record.js";

type Numbers = Int32Array | Uint32Array | Uint16Array | Float32Array | Float64Array;

/** Rows of `width` numbers. */
export interface Column<Values extends Numbers = Numbers> {
  /** Appends a row; numbers that are missing are zero. */
  push(row: ArrayLike<number>): void;
  set(index: number, row: ArrayLike<number>): void;
  /** A view of one row: valid until the next `push`. */
  row(index: number): Values;
  readonly length: number;
}

/** An empty column; it doubles when it is full. */
export function createColumn<Values extends Numbers>(type: new (length: number) => Values, width: number): Column<Values> {
  let values = new type(64 * width);
  let length = 0;
  const set = (index: number, row: ArrayLike<number>) => {
    for (let i = 0; i < width; i++) values[index * width + i] = row[i] ?? 0;
  };
  return {
    push(row) {
      if ((length + 1) * width > values.length) {
        const larger = new type(values.length * 2);
        larger.set(values);
        values = larger;
      }
      set(length++, row);
    },
    set,
    row: (index) => values.subarray(index * width, (index + 1) * width) as Values,
    get length() {
      return length;
    },
  };
}

/** What an audit keeps of every image. */
export interface ImageFacts {
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
  at(index: number): ImageFacts;
  readonly length: number;
}

/** An empty table: about a hundred bytes an image, and its name, which the caller's list of files holds anyway. */
export function createFactTable(): FactTable {
  const files: string[] = [];
  const classes = createColumn(Int32Array, 2 + kept);
  const numbers = createColumn(Float64Array, 2 + kept);
  const hashes = createColumn(Uint32Array, 2);
  return {
    add({ file, label, predicted, confidence, trueProbability, top, hash }) {
      files.push(file);
      classes.push([label, predicted, ...Array.from({ length: kept }, (_, i) => top[i]?.[0] ?? -1)]);
      numbers.push([confidence, trueProbability, ...top.slice(0, kept).map(([, probability]) => probability)]);
      hashes.push(hashWords(hash));
    },
    at(index) {
      const [[label, predicted, ...likeliest], [confidence, trueProbability, ...probabilities]] = [classes.row(index), numbers.row(index)];
      const top = likeliest.map((likely, i) => [likely, probabilities[i]!] as const).filter(([likely]) => likely >= 0);
      const [high, low] = hashes.row(index);
      return { file: files[index]!, label: label!, predicted: predicted!, confidence: confidence!, trueProbability: trueProbability!, top, hash: [high!, low!] };
    },
    get length() {
      return files.length;
    },
  };
}

const kept = 5;
