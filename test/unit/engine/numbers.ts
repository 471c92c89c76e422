/** @file Numbers that look random and are the same everywhere, kept away from places where a function has a kink. */
import { sizeOf, type Tensor } from "../../../src/engine/ir/tensor.js";

/** A source of numbers in [0, 1), the same for the same seed. */
export function randomSource(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** A float64 tensor, which the interpreter takes where the graph says float32. */
export function float64(shape: readonly number[], data: ArrayLike<number>): Tensor {
  return { dtype: "float64", shape, data: Float64Array.from(data) };
}

/** Elements in [low, high), none nearer than `gap` to any of `kinks`. */
export function smooth(shape: readonly number[], seed: number, low = -2, high = 2, kinks: readonly number[] = [], gap = 0.01): Tensor {
  const next = randomSource(seed);
  const draw = (): number => {
    const value = low + next() * (high - low);
    return kinks.some((kink) => Math.abs(value - kink) < gap) ? draw() : value;
  };
  return float64(shape, Array.from({ length: sizeOf(shape) }, draw));
}

/** Elements at least 0.05 apart from each other and, moved by a phase below 1, from those of another phase: nothing ties. */
export function distinct(shape: readonly number[], seed: number, phase = 0): Tensor {
  const next = randomSource(seed);
  const order = Array.from({ length: sizeOf(shape) }, (_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const k = Math.floor(next() * (i + 1));
    [order[i], order[k]] = [order[k]!, order[i]!];
  }
  return float64(shape, order.map((rank) => 0.1 * (rank + phase) - 0.05 * order.length));
}
