/** @file The nearest of many feature vectors. */

/** One that is near: which of the candidates, and the cosine similarity, -1 to 1. */
export interface Near {
  readonly index: number;
  readonly similarity: number;
}

/** The `count` candidates nearest to `query` by the cosine of their angle, nearest first, equal ones in their order. Vectors of length zero are near to nothing (0); a candidate of another size is passed over. */
export function nearestTo(query: Float32Array, candidates: Iterable<Float32Array | undefined>, count: number): Near[] {
  const length = Math.hypot(...query);
  const found: Near[] = [];
  let index = -1;
  for (const candidate of candidates) {
    index++;
    if (candidate?.length !== query.length) continue;
    const similarity = cosine(query, candidate, length);
    if (found.length === count && similarity <= found.at(-1)!.similarity) continue;
    const at = found.findIndex((near) => near.similarity < similarity);
    found.splice(at === -1 ? found.length : at, 0, { index, similarity });
    if (found.length > count) found.pop();
  }
  return found;
}

function cosine(a: Float32Array, b: Float32Array, lengthA: number): number {
  let [dot, square] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    square += b[i]! * b[i]!;
  }
  return lengthA === 0 || square === 0 ? 0 : Math.min(1, Math.max(-1, dot / (lengthA * Math.sqrt(square))));
}
