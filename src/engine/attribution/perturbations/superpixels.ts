/** @file Superpixels by SLIC (Achanta et al., IEEE TPAMI 34, 2012): k-means over colour and place, each centre looking only around itself. */
import type { ColorPlanes } from "./colors.js";
import { connect, type Superpixels } from "./connect.js";

/** Centres hardly move after ten rounds, as the paper finds. */
const rounds = 10;

/** The means of segments: colours, row and column, one after the other per segment. */
interface Centres {
  readonly count: number;
  readonly stride: number;
  readonly data: Float64Array;
}

/**
 * At most `segments` pieces, and seldom many fewer, of similar size and colour, each 4-connected; the same for the same image.
 * `compactness` weighs place against colour (L*a*b* units): 10 is usual, more makes squares.
 */
export function slic(colors: ColorPlanes, height: number, width: number, segments: number, compactness: number): Superpixels {
  const rows = Math.max(1, Math.min(height, Math.round(Math.sqrt((segments * height) / width))));
  const columns = Math.max(1, Math.min(width, Math.round(segments / rows)));
  const step = Math.sqrt((height * width) / (rows * columns));
  const centres = startingCentres(colors, height, width, rows, columns);
  const labels = new Int32Array(height * width);
  for (let round = 0; round < rounds; round++) {
    assign(labels, centres, colors, height, width, step, (compactness / step) ** 2);
    move(centres, labels, colors, width);
  }
  return connect(labels, height, width, Math.floor((step * step) / 4), segments);
}

/** On a regular grid, each moved to the flattest of the nine places around it, so that none sits on an edge or a speck. */
function startingCentres(colors: ColorPlanes, height: number, width: number, rows: number, columns: number): Centres {
  const stride = colors.count + 2;
  const data = new Float64Array(rows * columns * stride);
  for (let k = 0; k < rows * columns; k++) {
    // The middle of a cell of even side lies between places.
    const y = ((Math.floor(k / columns) + 0.5) * height) / rows - 0.5;
    const x = (((k % columns) + 0.5) * width) / columns - 0.5;
    const [row, column] = [Math.floor(y), Math.floor(x)];
    const [down, right] = towardsFlattest(colors, height, width, row, column);
    for (let c = 0; c < colors.count; c++) data[k * stride + c] = colors.data[(c * height + row + down) * width + column + right]!;
    data[k * stride + colors.count] = y + down;
    data[k * stride + colors.count + 1] = x + right;
  }
  return { count: rows * columns, stride, data };
}

function towardsFlattest(colors: ColorPlanes, height: number, width: number, y: number, x: number): readonly [down: number, right: number] {
  // The place itself comes first: of equals it stays.
  const steps = [[0, 0], [-1, -1], [-1, 0], [-1, 1], [0, -1], [0, 1], [1, -1], [1, 0], [1, 1]] as const;
  let best: readonly [number, number] = [0, 0];
  let least = Infinity;
  for (const [down, right] of steps) {
    const [row, column] = [y + down, x + right];
    if (row < 1 || row > height - 2 || column < 1 || column > width - 2) continue;
    let slope = 0;
    for (let c = 0; c < colors.count; c++) {
      const at = (c * height + row) * width + column;
      slope += (colors.data[at + width]! - colors.data[at - width]!) ** 2 + (colors.data[at + 1]! - colors.data[at - 1]!) ** 2;
    }
    if (slope >= least) continue;
    least = slope;
    best = [down, right];
  }
  return best;
}

/** Gives every place to the nearest centre among those at most two steps away in both directions. */
function assign(labels: Int32Array, { count, stride, data }: Centres, colors: ColorPlanes, height: number, width: number, step: number, placeWeight: number): void {
  const nearest = new Float64Array(labels.length).fill(Infinity);
  labels.fill(-1);
  const reach = Math.ceil(2 * step);
  for (let k = 0; k < count; k++) {
    const [y, x] = [data[k * stride + colors.count]!, data[k * stride + colors.count + 1]!];
    const [top, bottom] = [Math.max(0, Math.floor(y - reach)), Math.min(height - 1, Math.ceil(y + reach))];
    const [left, right] = [Math.max(0, Math.floor(x - reach)), Math.min(width - 1, Math.ceil(x + reach))];
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const p = row * width + column;
        let distance = placeWeight * ((row - y) ** 2 + (column - x) ** 2);
        for (let c = 0; c < colors.count; c++) distance += (colors.data[c * labels.length + p]! - data[k * stride + c]!) ** 2;
        if (distance >= nearest[p]!) continue;
        nearest[p] = distance;
        labels[p] = k;
      }
    }
  }
}

/** Centres become the means of what they got; one that got nothing stays. */
function move({ count, stride, data }: Centres, labels: Int32Array, colors: ColorPlanes, width: number): void {
  const sums = new Float64Array(data.length);
  const sizes = new Int32Array(count);
  for (let p = 0; p < labels.length; p++) {
    const k = labels[p]!;
    // A place beyond every centre's reach joins a neighbour in the end.
    if (k < 0) continue;
    sizes[k]!++;
    for (let c = 0; c < colors.count; c++) sums[k * stride + c]! += colors.data[c * labels.length + p]!;
    sums[k * stride + colors.count]! += Math.floor(p / width);
    sums[k * stride + colors.count + 1]! += p % width;
  }
  for (let k = 0; k < count; k++) if (sizes[k]! > 0) for (let i = k * stride; i < (k + 1) * stride; i++) data[i] = sums[i]! / sizes[k]!;
}
