/** @file Where a value's axes lie over the image, as factors: a window is the low part of a height, heads are parts of the channels. */

/**
 * Part of an axis: `size` steps along the batch, the channels, the height or the width, or `t`, tokens with a prefix, which no reshape splits.
 * A step along the height or the width is `stride` cells of the grid.
 */
export interface Factor {
  readonly of: "n" | "c" | "h" | "w" | "t";
  readonly size: number;
  readonly stride: number;
  /** Of tokens: those before the patches, and the patches' own factors. */
  readonly tokens?: { readonly prefix: number; readonly patches: readonly Factor[] };
}

/** What an axis counts, slowest factor first; nothing for an axis of one. */
export type Axis = readonly Factor[];
export type Placement = readonly Axis[];

const one = (of: Factor["of"], size: number): Axis => (size === 1 ? [] : [{ of, size, stride: 1 }]);

/** Whole axes of the given kinds and sizes. */
export const placed = (kinds: readonly Factor["of"][], dims: readonly number[]): Placement => kinds.map((of, i) => one(of, dims[i]!));

/** An axis of this many channels. */
export const channels = (size: number): Axis => one("c", size);

/** Whether an axis counts channels only. */
export const isChannels = (axis: Axis | undefined): boolean => axis !== undefined && axis.every(({ of }) => of === "c");

/** The same placement with one axis replaced. */
export const withAxis = (placement: Placement, at: number, axis: Axis): Placement => placement.map((old, i) => (i === at ? axis : old));

const cells = (axis: Axis) => axis.reduce((product, { size }) => product * size, 1);

/** Factors that follow each other without a gap become one. */
function joined(axis: Axis): Axis {
  const result: Factor[] = [];
  for (const factor of axis) {
    const last = result.at(-1);
    const follows = last?.of === factor.of && factor.of !== "t" && (factor.of === "n" || factor.of === "c" || last.stride === factor.size * factor.stride);
    if (follows) result[result.length - 1] = { ...factor, size: last.size * factor.size };
    else result.push(factor);
  }
  return result;
}

/** The placement of the same elements in another shape; `undefined` where an axis would begin in the middle of a factor. */
export function reshaped(placement: Placement, dims: readonly number[]): Placement | undefined {
  const queue = placement.flat();
  const axes: Axis[] = [];
  for (const dim of dims) {
    const axis: Factor[] = [];
    for (let rest = dim; rest !== 1; ) {
      const factor = queue.shift();
      if (factor === undefined || rest === 0) return undefined;
      if (rest % factor.size === 0) {
        axis.push(factor);
        rest /= factor.size;
      } else if (factor.of !== "t" && factor.size % rest === 0) {
        const low = factor.size / rest;
        axis.push({ ...factor, size: rest, stride: factor.stride * low });
        queue.unshift({ ...factor, size: low });
        rest = 1;
      } else return undefined;
    }
    axes.push(joined(axis));
  }
  return queue.length === 0 ? absorbed(axes) : undefined;
}

/** Neighbouring cells that stand among the channels are channels of a coarser grid: patches, merged patches, unshuffled pixels. */
function absorbed(axes: Placement): Placement {
  const isMixed = (axis: Axis) => axis.some(({ of }) => of === "c") && axis.some(({ of }) => of === "h" || of === "w");
  if (!axes.some(isMixed)) return axes;
  const lowCells = { h: 1, w: 1 };
  for (const of of ["h", "w"] as const) {
    const within = (mixed: boolean) => axes.filter((axis) => isMixed(axis) === mixed).flat().filter((factor) => factor.of === of);
    const [low, high] = [within(true), within(false)];
    if (low.length === 0) continue;
    lowCells[of] = cells(low);
    // The whole grid among the channels is a row to be normalised or flattened, not a coarser grid.
    if (high.length === 0 || low.some(({ stride }) => stride >= lowCells[of]) || high.some(({ stride }) => stride % lowCells[of] !== 0)) return axes;
  }
  const coarser = (factor: Factor) => (factor.of === "h" || factor.of === "w" ? { ...factor, stride: factor.stride / lowCells[factor.of] } : factor);
  return axes.map((axis) => (isMixed(axis) ? channels(cells(axis)) : axis.map(coarser)));
}

/** The size of the height or width that is this axis and stands nowhere else; `undefined` for any other axis. */
export function wholeOf(placement: Placement, at: number): { readonly of: "h" | "w"; readonly size: number } | undefined {
  const [factor, ...more] = placement[at] ?? [];
  if (factor === undefined || more.length > 0 || (factor.of !== "h" && factor.of !== "w") || factor.stride !== 1) return undefined;
  return placement.flat().filter(({ of }) => of === factor.of).length === 1 ? { of: factor.of, size: factor.size } : undefined;
}
