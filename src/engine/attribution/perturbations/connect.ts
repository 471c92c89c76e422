/** @file Makes every segment one connected piece, and gives pieces too small or too many to stand alone to a neighbour. */

export interface Superpixels {
  /** `[h * w]`, from 0. */
  readonly labels: Int32Array;
  readonly count: number;
}

/** The 4-neighbours of a place. */
function neighbours(p: number, height: number, width: number): number[] {
  const [y, x] = [Math.floor(p / width), p % width];
  const around = [y > 0 ? p - width : -1, x > 0 ? p - 1 : -1, x < width - 1 ? p + 1 : -1, y < height - 1 ? p + width : -1];
  return around.filter((q) => q >= 0);
}

/**
 * Splits labels into 4-connected pieces. Merges those smaller than `least` places, smallest first, then the smallest until no more than `most` are left, each into the neighbour
 * it shares the longest border with. Numbers what is left in the order of its first place.
 */
export function connect(labels: Int32Array, height: number, width: number, least: number, most: number): Superpixels {
  const { pieces, sizes, borders } = piecesOf(labels, height, width);
  // Each merged piece points at the one it went into.
  const into = sizes.map((_, i) => i);
  const rootOf = (piece: number): number => (into[piece] === piece ? piece : rootOf(into[piece]!));
  const merge = (piece: number) => {
    const shared = new Map<number, number>();
    for (const [other, length] of borders[piece]!) if (rootOf(other) !== piece) shared.set(rootOf(other), (shared.get(rootOf(other)) ?? 0) + length);
    const [best] = [...shared].toSorted(([a, la], [b, lb]) => lb - la || a - b);
    // Alone on the image.
    if (best === undefined) return;
    const [root] = best;
    into[piece] = root;
    sizes[root]! += sizes[piece]!;
    for (const [other, length] of shared) borders[root]!.set(other, (borders[root]!.get(other) ?? 0) + length);
  };
  const bySize = (chosen: readonly number[]) => chosen.toSorted((a, b) => sizes[a]! - sizes[b]! || a - b);
  // Something smaller may have joined a piece before its turn, and made it large enough.
  for (const piece of bySize(into.filter((_, i) => sizes[i]! < least))) if (sizes[piece]! < least) merge(piece);
  for (let roots = into.filter((root, i) => root === i); roots.length > most; roots = into.filter((root, i) => root === i)) merge(bySize(roots)[0]!);
  const numbers = new Map<number, number>();
  const numbered = pieces.map((piece) => {
    const root = rootOf(piece);
    if (!numbers.has(root)) numbers.set(root, numbers.size);
    return numbers.get(root)!;
  });
  return { labels: numbered, count: numbers.size };
}

interface Pieces {
  readonly pieces: Int32Array;
  readonly sizes: number[];
  /** Per piece, the length of its border with each other piece. */
  readonly borders: Map<number, number>[];
}

function piecesOf(labels: Int32Array, height: number, width: number): Pieces {
  const pieces = new Int32Array(labels.length).fill(-1);
  const sizes: number[] = [];
  for (let start = 0; start < labels.length; start++) {
    if (pieces[start] !== -1) continue;
    const piece = sizes.length;
    const waiting = [start];
    pieces[start] = piece;
    let size = 0;
    for (let p = waiting.pop(); p !== undefined; p = waiting.pop()) {
      size++;
      for (const q of neighbours(p, height, width)) {
        if (pieces[q] !== -1 || labels[q] !== labels[start]) continue;
        pieces[q] = piece;
        waiting.push(q);
      }
    }
    sizes.push(size);
  }
  const borders = sizes.map(() => new Map<number, number>());
  for (let p = 0; p < labels.length; p++) {
    for (const q of neighbours(p, height, width)) {
      if (pieces[p] !== pieces[q]) borders[pieces[p]!]!.set(pieces[q]!, (borders[pieces[p]!]!.get(pieces[q]!) ?? 0) + 1);
    }
  }
  return { pieces, sizes, borders };
}
