/** @file Iso-lines of a map by marching squares (Lorensen and Cline, 1987, in two dimensions), in image coordinates. */
import type { Grid } from "./heatmap.js";

/** A line through points `x, y, x, y, ...` in units of the grid's cells, (0, 0) being its upper left corner and (0.5, 0.5) the middle of the first cell. */
export interface Contour {
  readonly level: number;
  readonly points: readonly number[];
  /** The last point joins the first. */
  readonly closed: boolean;
}

/** `count` levels evenly over the scale, without its ends: 0 to 1, or on both sides of zero. */
export function contourLevels(count: number, signed: boolean): number[] {
  const levels = Array.from({ length: count }, (_, i) => (i + 1) / (count + 1));
  return signed ? [...levels.map((level) => -level).toReversed(), ...levels] : levels;
}

/** The edges of a square that a line runs between, by which corners lie above the level (upper left 1, upper right 2, lower right 4, lower left 8). Edges: top 0, right 1, bottom 2, left 3. */
const segments: readonly (readonly (readonly [number, number])[])[] = [
  [], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[3, 0], [1, 2]], [[0, 2]], [[3, 2]], [[2, 3]], [[2, 0]], [[0, 1], [2, 3]], [[2, 1]], [[1, 3]], [[1, 0]], [[0, 3]], [],
];
/** The two ambiguous squares when their middle lies above the level: the other two corners are cut off. */
const joined: Readonly<Record<number, readonly (readonly [number, number])[]>> = { 5: [[3, 2], [1, 0]], 10: [[0, 3], [2, 1]] };

/** The lines where the map, taken as linear between the middles of its cells, passes each level. */
export function contours(grid: Grid, levels: readonly number[]): Contour[] {
  return levels.flatMap((level) => contoursAt(grid, level));
}

function contoursAt({ shape, data }: Grid, level: number): Contour[] {
  const [rows, columns] = [shape[0]!, shape[1]!];
  const value = (x: number, y: number) => data[y * columns + x]!;
  const places = new Map<number, readonly [number, number]>();
  const neighbours = new Map<number, number[]>();
  /** An edge of the lattice: across from (x, y) even, down from (x, y) odd. */
  const edge = (x: number, y: number, side: number) => 2 * ((side === 2 ? y + 1 : y) * columns + (side === 1 ? x + 1 : x)) + (side % 2);
  const crossing = (id: number): readonly [number, number] => {
    const [at, isDown] = [Math.floor(id / 2), id % 2 === 1];
    const [x, y] = [at % columns, Math.floor(at / columns)];
    const [from, to] = [value(x, y), isDown ? value(x, y + 1) : value(x + 1, y)];
    const share = (level - from) / (to - from);
    return isDown ? [x + 0.5, y + 0.5 + share] : [x + 0.5 + share, y + 0.5];
  };
  const join = (a: number, b: number) => {
    for (const [from, to] of [[a, b], [b, a]] as const) {
      if (!places.has(from)) places.set(from, crossing(from));
      neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    }
  };
  for (let y = 0; y + 1 < rows; y++) for (let x = 0; x + 1 < columns; x++) {
    const corners = [value(x, y), value(x + 1, y), value(x + 1, y + 1), value(x, y + 1)];
    const kind = corners.reduce((bits, corner, i) => bits | (corner >= level ? 1 << i : 0), 0);
    const isHigh = corners.reduce((a, b) => a + b, 0) / 4 >= level;
    for (const [from, to] of (isHigh && joined[kind]) || segments[kind]!) join(edge(x, y, from), edge(x, y, to));
  }
  return chained(neighbours).map(({ ids, closed }) => ({ level, closed, points: ids.flatMap((id) => places.get(id)!) }));
}

/** Lines from end to end first, then rings: every crossing has one or two neighbours. */
function chained(neighbours: ReadonlyMap<number, readonly number[]>): { ids: number[]; closed: boolean }[] {
  const seen = new Set<number>();
  const follow = (start: number): number[] => {
    const ids: number[] = [];
    for (let at: number | undefined = start; at !== undefined; at = neighbours.get(at)!.find((next) => !seen.has(next))) {
      seen.add(at);
      ids.push(at);
    }
    return ids;
  };
  const lines = [...neighbours].filter(([id, next]) => next.length === 1 && !seen.has(id)).map(([id]) => id);
  const open = lines.flatMap((id) => (seen.has(id) ? [] : [{ ids: follow(id), closed: false }]));
  const rings = [...neighbours.keys()].flatMap((id) => (seen.has(id) ? [] : [{ ids: follow(id), closed: true }]));
  return [...open, ...rings];
}

/** A line as SVG path data: the map lies over `region` of the picture. */
export function contourPath({ points, closed }: Contour, { shape }: Grid, region: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }): string {
  const [across, down] = [region.width / shape[1]!, region.height / shape[0]!];
  const steps = Array.from({ length: points.length / 2 }, (_, i) => `${(region.x + points[2 * i]! * across).toFixed(2)} ${(region.y + points[2 * i + 1]! * down).toFixed(2)}`);
  return `M${steps.join("L")}${closed ? "Z" : ""}`;
}
