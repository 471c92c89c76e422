/** @file The first principal component of a layer's channels over its places, for EigenCAM and its kin. */
import { createRandom } from "../random.js";
import type { LayerMap } from "./layerMap.js";

/** `|G v - lambda v|` at most this share of lambda ends the search. */
const tolerance = 1e-12;

/**
 * Each place's coordinate along the first principal component: with M `[places, channels]` the values less their channel's mean, `M v`, where v is M's first
 * right singular vector (Muhammad & Yeasin, EigenCAM, arXiv 2008.00299). In float64.
 * A singular vector has no sign of its own: the map is turned so that its largest absolute value is positive, that is flipped when |min| > |max| (Seg-Eigen-CAM's
 * rule, Chung & Ying 2025). All 0 where no channel varies.
 */
export function firstComponent({ channels, data }: LayerMap): Float32Array {
  const places = data.length / channels;
  const centred = new Float64Array(data.length);
  for (let c = 0; c < channels; c++) {
    let mean = 0;
    for (let p = 0; p < places; p++) mean += data[c * places + p]! / places;
    for (let p = 0; p < places; p++) centred[c * places + p] = data[c * places + p]! - mean;
  }
  const values = projection(centred, channels, places);
  let [low, high] = [0, 0];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const sign = -low > high ? -1 : 1;
  return Float32Array.from(values, (value) => sign * value);
}

/** `sigma u` of M's largest singular value sigma, u being its left vector: the largest eigenpair of `M M'` by Lanczos' method with full reorthogonalisation. */
function projection(centred: Float64Array, channels: number, places: number): Float64Array {
  const times = (x: Float64Array): Float64Array => {
    const result = new Float64Array(places);
    for (let c = 0; c < channels; c++) {
      const row = centred.subarray(c * places, (c + 1) * places);
      const w = dot(row, x);
      for (let p = 0; p < places; p++) result[p]! += w * row[p]!;
    }
    return result;
  };
  const random = createRandom(0);
  const basis: Float64Array[] = [normalised(Float64Array.from({ length: places }, random.normal))];
  const diagonal: number[] = [];
  const beside: number[] = [];
  for (let check = 8; ; ) {
    const v = basis.at(-1)!;
    const next = times(v);
    diagonal.push(dot(v, next));
    // Twice is enough (Parlett): what rounding leaves of the earlier directions would come back as false copies of the eigenvalue.
    for (let pass = 0; pass < 2; pass++) for (const earlier of basis) subtract(next, dot(earlier, next), earlier);
    const length = Math.sqrt(dot(next, next));
    const size = diagonal.length;
    const scale = Math.max(...diagonal.map(Math.abs), ...beside);
    const isExhausted = size === places || length <= 1e-15 * scale || scale === 0;
    if (isExhausted || size === check) {
      const { value, vector } = largestOfTridiagonal(diagonal, beside);
      if (isExhausted || length * Math.abs(vector.at(-1)!) <= tolerance * value) {
        const sigma = Math.sqrt(Math.max(0, value));
        const result = new Float64Array(places);
        basis.forEach((direction, k) => subtract(result, -sigma * vector[k]!, direction));
        return result;
      }
      check = Math.ceil(check * 1.5);
    }
    beside.push(length);
    basis.push(next.map((value) => value / length));
  }
}

/** The largest eigenvalue of a symmetric tridiagonal matrix, by bisection on Sturm's sequence, and its unit eigenvector, by inverse iteration. */
function largestOfTridiagonal(diagonal: readonly number[], beside: readonly number[]): { readonly value: number; readonly vector: Float64Array } {
  const reach = diagonal.map((d, i) => Math.abs(beside[i] ?? 0) + Math.abs(beside[i - 1] ?? 0) + Math.abs(d));
  let [low, high] = [-Math.max(...reach), Math.max(...reach)];
  const size = diagonal.length;
  /** Whether every eigenvalue lies below `at`: all pivots of T - at I are negative. */
  const allBelow = (at: number): boolean => {
    let pivot = diagonal[0]! - at;
    for (let i = 1; i < size && pivot < 0; i++) pivot = diagonal[i]! - at - beside[i - 1]! ** 2 / pivot;
    return pivot < 0;
  };
  for (let step = 0; step < 2000 && low < high; step++) {
    const middle = low + (high - low) / 2;
    if (middle === low || middle === high) break;
    if (allBelow(middle)) high = middle;
    else low = middle;
  }
  let vector: Float64Array = normalised(Float64Array.from({ length: size }, (_, i) => 1 + i / size));
  for (let pass = 0; pass < 4; pass++) vector = normalised(solveShifted(diagonal, beside, high, vector));
  return { value: high, vector };
}

/** Solves `(T - shift I) x = b` just above the largest eigenvalue, where the matrix is negative definite and elimination needs no pivoting. */
function solveShifted(diagonal: readonly number[], beside: readonly number[], shift: number, b: Float64Array): Float64Array {
  const size = diagonal.length;
  const smallest = Math.max(Math.abs(shift), Number.MIN_VALUE) * Number.EPSILON;
  const pivots = new Float64Array(size);
  const x = Float64Array.from(b);
  for (let i = 0; i < size; i++) {
    const factor = i > 0 ? beside[i - 1]! / pivots[i - 1]! : 0;
    const pivot = diagonal[i]! - shift - (i > 0 ? factor * beside[i - 1]! : 0);
    pivots[i] = Math.min(pivot, -smallest) || -1;
    if (i > 0) x[i]! -= factor * x[i - 1]!;
  }
  for (let i = size - 1; i >= 0; i--) x[i] = (x[i]! - (i + 1 < size ? beside[i]! * x[i + 1]! : 0)) / pivots[i]!;
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

/** `from -= factor * what`, in place. */
function subtract(from: Float64Array, factor: number, what: Float64Array): void {
  for (let i = 0; i < from.length; i++) from[i]! -= factor * what[i]!;
}

function normalised(vector: Float64Array): Float64Array {
  // Divided by the largest first, so that squares do not overflow.
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return vector;
  const scaled = vector.map((value) => value / largest);
  const length = Math.sqrt(dot(scaled, scaled));
  return scaled.map((value) => value / length);
}
