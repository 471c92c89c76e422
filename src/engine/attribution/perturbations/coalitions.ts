/** @file Which subsets of players KernelSHAP looks at, and what each weighs: sizes enumerated while the budget lasts, the rest drawn in pairs. */
import type { Random } from "../random.js";

export interface Coalition {
  /** 1 for players that take part. */
  readonly members: Uint8Array;
  readonly weight: number;
  /** A drawn subset and its complement share a number; `undefined` for enumerated ones. */
  readonly draw: number | undefined;
}

/** `n` over `k`. */
export function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return Math.round(result);
}

/** All subsets of `size` players, in lexicographic order of their members. */
export function subsetsOf(players: number, size: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  const chosen = Array.from({ length: size }, (_, i) => i);
  for (;;) {
    found.push(membersOf(players, chosen));
    let last = size - 1;
    while (last >= 0 && chosen[last] === players - size + last) last--;
    if (last < 0) return found;
    chosen[last]!++;
    for (let i = last + 1; i < size; i++) chosen[i] = chosen[i - 1]! + 1;
  }
}

function membersOf(players: number, chosen: readonly number[]): Uint8Array {
  const members = new Uint8Array(players);
  for (const i of chosen) members[i] = 1;
  return members;
}

/**
 * At most `budget` subsets of `players` (2 or more), neither empty nor full, with the weights of the Shapley kernel
 * (Lundberg and Lee, arXiv 1705.07874, theorem 2): all subsets of one size together weigh (players - 1) / (size (players - size)), scaled so that everything weighs 1.
 * Sizes 1 and n - 1, then 2 and n - 2 and so on are enumerated as long as that takes no more than their share of the budget.
 * What weight is left goes to subsets drawn at random, each followed by its complement (Covert and Lee, arXiv 2012.01536).
 * With a budget of 2^players - 2 or more that is every subset, and the fit is exact.
 */
export function shapleyCoalitions(players: number, budget: number, random: Random): Coalition[] {
  const half = Math.floor(players / 2);
  /** Of size s and its complement's together. */
  const groups = Array.from({ length: half }, (_, i) => {
    const size = i + 1;
    const isMiddle = 2 * size === players;
    return { size, isMiddle, count: choose(players, size) * (isMiddle ? 1 : 2), weight: (isMiddle ? 1 : 2) / (size * (players - size)) };
  });
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  const coalitions: Coalition[] = [];
  let left = total;
  let next = 0;
  for (; next < groups.length; next++) {
    const { size, isMiddle, count, weight } = groups[next]!;
    const room = budget - coalitions.length;
    // The last size takes all that is left, whose share rounding may put a hair below 1.
    const share = next === groups.length - 1 ? 1 : weight / left;
    if (count > room * share) break;
    for (const members of subsetsOf(players, size)) {
      coalitions.push({ members, weight: weight / total / count, draw: undefined });
      if (!isMiddle) coalitions.push({ members: complement(members), weight: weight / total / count, draw: undefined });
    }
    left -= weight;
  }
  if (next === groups.length) return coalitions;
  const pairs = Math.floor((budget - coalitions.length) / 2);
  const rest = groups.slice(next);
  const restWeight = rest.reduce((sum, { weight }) => sum + weight, 0);
  for (let draw = 0; draw < pairs; draw++) {
    let at = random.uniform() * restWeight;
    const group = rest.find(({ weight }) => (at -= weight) < 0) ?? rest.at(-1)!;
    const members = drawSubset(players, group.size, random);
    for (const drawn of [members, complement(members)]) coalitions.push({ members: drawn, weight: restWeight / total / (2 * pairs), draw });
  }
  return coalitions;
}

const complement = (members: Uint8Array) => members.map((member) => 1 - member);

/** A uniformly random subset: the start of a shuffled row of players. */
function drawSubset(players: number, size: number, random: Random): Uint8Array {
  const order = Array.from({ length: players }, (_, i) => i);
  for (let i = 0; i < size; i++) {
    const k = i + random.below(players - i);
    [order[i], order[k]] = [order[k]!, order[i]!];
  }
  return membersOf(players, order.slice(0, size));
}
