/** @file Kinds of maps within a group: k-means from seeds that are the same whatever the order, told only where the kinds are distinct. */
import { mapSide } from "./record.js";
import { ninthsOf } from "./ninths.js";

type Values = ArrayLike<number>;

const most = 3;
/** A kind has at least so many images, and such a share of the group. */
const least = { images: 5, share: 0.15 } as const;
/**
 * Mean silhouette from which a partition is told. Kaufman and Rousseeuw (1990) call 0.51 to 0.7 a reasonable structure; of twelve or thirty spots put anywhere, k-means makes kinds of 0.5 by chance, and seldom of more than this,
 * while half of the maps in a corner and half anywhere come to 0.75, two corners to 0.9.
 */
const distinct = 0.65;
const mostRounds = 30;

/**
 * The members of each kind of map, by their place in `maps`, largest kind first; nothing where two or three kinds (whichever is clearer) do not stand apart.
 * Maps are told apart by the Euclidean distance of their blurred values: one cell further is nearly the same place. Equal groups in equal order give equal kinds.
 */
export function mapClusters(maps: readonly Values[]): number[][] {
  if (maps.length < 2 * least.images) return [];
  const blurred = maps.map(blur);
  const seeds = seedsOf(maps, blurred);
  let [best, clearest]: [number[][], number] = [[], distinct];
  for (let count = 2; count <= Math.min(most, seeds.length); count++) {
    const { kinds, silhouette } = partition(blurred, seeds.slice(0, count));
    const isLargeEnough = kinds.every(({ length }) => length >= least.images && length >= least.share * maps.length);
    if (isLargeEnough && silhouette >= clearest) [best, clearest] = [kinds, silhouette];
  }
  return best.toSorted((a, b) => b.length - a.length || a[0]! - b[0]!);
}

/** Means over three by three cells, at the borders over those that there are. */
function blur(map: Values): Float64Array {
  return Float64Array.from({ length: map.length }, (_, i) => {
    const [x, y] = [i % mapSide, Math.floor(i / mapSide)];
    let [sum, cells] = [0, 0];
    for (let ny = Math.max(0, y - 1); ny <= Math.min(mapSide - 1, y + 1); ny++) for (let nx = Math.max(0, x - 1); nx <= Math.min(mapSide - 1, x + 1); nx++, cells++) sum += map[ny * mapSide + nx]!;
    return sum / cells;
  });
}

/** At most three first centres: of the means of maps with most mass in one ninth of the picture, the one with the most images, then what adds most: far from those chosen, times its images. */
function seedsOf(maps: readonly Values[], blurred: readonly Values[]): Float64Array[] {
  const ninths = new Map<number, number[]>();
  maps.forEach((map, i) => {
    const { at } = ninthsOf(map);
    ninths.set(at, [...(ninths.get(at) ?? []), i]);
  });
  const candidates = [...ninths].toSorted(([a], [b]) => a - b).map(([, members]) => ({ images: members.length, centre: centreOf(blurred, members) }));
  const seeds: Float64Array[] = [];
  while (seeds.length < Math.min(most, candidates.length)) {
    const gain = ({ images, centre }: (typeof candidates)[number]) => images * (seeds.length === 0 ? 1 : Math.min(...seeds.map((seed) => distance(seed, centre) ** 2)));
    seeds.push(candidates.reduce((a, b) => (gain(b) > gain(a) ? b : a)).centre);
  }
  return seeds;
}

/** K-means from these centres (Lloyd), and the mean silhouette by distances to centres. */
function partition(maps: readonly Values[], seeds: readonly Float64Array[]): { readonly kinds: number[][]; readonly silhouette: number } {
  let centres = seeds;
  let nearest: number[] = [];
  let kinds: number[][] = [];
  for (let round = 0; round < mostRounds; round++) {
    const next = maps.map((map) => nearestOf(map, centres));
    if (next.every((kind, i) => kind === nearest[i])) break;
    nearest = next;
    kinds = centres.map((_, kind) => maps.flatMap((__, i) => (nearest[i] === kind ? [i] : [])));
    centres = kinds.map((members, kind) => (members.length > 0 ? centreOf(maps, members) : centres[kind]!));
  }
  const silhouettes = maps.map((map, i) => {
    const own = distance(map, centres[nearest[i]!]!);
    const other = Math.min(...centres.flatMap((centre, kind) => (kind === nearest[i] ? [] : [distance(map, centre)])));
    return own === other ? 0 : (other - own) / Math.max(own, other);
  });
  return { kinds, silhouette: silhouettes.reduce((sum, value) => sum + value, 0) / maps.length };
}

/** The first of the nearest centres. */
function nearestOf(map: Values, centres: readonly Values[]): number {
  let [nearest, shortest] = [0, Infinity];
  for (let i = 0; i < centres.length; i++) {
    const far = distance(map, centres[i]!);
    if (far < shortest) [nearest, shortest] = [i, far];
  }
  return nearest;
}

function centreOf(maps: readonly Values[], members: readonly number[]): Float64Array {
  const centre = new Float64Array(mapSide * mapSide);
  for (const i of members) for (let cell = 0; cell < centre.length; cell++) centre[cell]! += maps[i]![cell]! / members.length;
  return centre;
}

function distance(a: Values, b: Values): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}
