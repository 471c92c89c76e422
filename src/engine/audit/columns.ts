/** @file Rows of numbers in typed arrays that grow. */

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
