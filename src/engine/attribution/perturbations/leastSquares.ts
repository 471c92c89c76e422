/** @file Weighted least squares with a ridge, by the normal equations: what LIME and KernelSHAP end in. */

/** One observation: `value` should be about `features . coefficients`. */
export interface Observation {
  readonly features: ArrayLike<number>;
  readonly value: number;
  readonly weight: number;
  /** Observations drawn together (a subset and its complement) share a number; `undefined` for one that was not drawn at random. */
  readonly draw: number | undefined;
}

export interface Fit {
  readonly coefficients: Float64Array;
  /** The inverse of the normal matrix, row-major: `standardErrors` needs it. */
  readonly inverse: Float64Array;
}

/**
 * Minimises `sum of weight * (value - features . b)^2 + sum over j of ridge[j] * b[j]^2`.
 * `undefined` when the observations leave b open.
 */
export function leastSquares(observations: readonly Observation[], ridge: readonly number[]): Fit | undefined {
  const n = ridge.length;
  const matrix = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (const { features, value, weight } of observations) {
    for (let i = 0; i < n; i++) {
      const scaled = weight * features[i]!;
      if (scaled === 0) continue;
      right[i]! += scaled * value;
      for (let j = 0; j <= i; j++) matrix[i * n + j]! += scaled * features[j]!;
    }
  }
  for (let i = 0; i < n; i++) matrix[i * n + i]! += ridge[i]!;
  const inverse = invert(matrix, n);
  return inverse && { coefficients: Float64Array.from({ length: n }, (_, i) => dot(inverse, i * n, right, n)), inverse };
}

function dot(matrix: Float64Array, from: number, vector: ArrayLike<number>, n: number): number {
  let total = 0;
  for (let j = 0; j < n; j++) total += matrix[from + j]! * vector[j]!;
  return total;
}

/** Below this share of a diagonal element, what elimination leaves of it is rounding. */
const negligible = 1e-11;

/** The inverse of a symmetric positive definite matrix given by its lower triangle, through its Cholesky factor; `undefined` when it is not definite. */
function invert(lower: Float64Array, n: number): Float64Array | undefined {
  const factor = lower.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = factor[i * n + j]!;
      for (let k = 0; k < j; k++) rest -= factor[i * n + k]! * factor[j * n + k]!;
      if (i !== j) factor[i * n + j] = rest / factor[j * n + j]!;
      else if (rest > negligible * lower[i * n + i]!) factor[i * n + i] = Math.sqrt(rest);
      else return undefined;
    }
  }
  const inverse = new Float64Array(n * n);
  const column = new Float64Array(n);
  for (let c = 0; c < n; c++) {
    for (let i = 0; i < n; i++) {
      let rest = i === c ? 1 : 0;
      for (let k = 0; k < i; k++) rest -= factor[i * n + k]! * column[k]!;
      column[i] = rest / factor[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      let rest = column[i]!;
      for (let k = i + 1; k < n; k++) rest -= factor[k * n + i]! * column[k]!;
      column[i] = rest / factor[i * n + i]!;
    }
    for (let i = 0; i < n; i++) inverse[i * n + c] = column[i]!;
  }
  return inverse;
}

const residualOf = ({ features, value }: Observation, { coefficients }: Fit) => value - dot(coefficients, 0, features, coefficients.length);

/** The weighted R^2: 1 when the fit explains every difference between the values, 0 when it does no better than their mean. 1 where the values do not differ. */
export function determination(observations: readonly Observation[], fit: Fit): number {
  let [weights, sum] = [0, 0];
  for (const { weight, value } of observations) {
    weights += weight;
    sum += weight * value;
  }
  let [left, total] = [0, 0];
  for (const observation of observations) {
    left += observation.weight * residualOf(observation, fit) ** 2;
    total += observation.weight * (observation.value - sum / weights) ** 2;
  }
  return total === 0 ? 1 : 1 - left / total;
}

/**
 * How far each coefficient would scatter if other observations had been drawn: White's sandwich estimate (Econometrica 48, 1980), which does not ask the model to be linear,
 * over draws rather than observations. Observations that were not drawn do not scatter. `undefined` while there are no more draws than coefficients.
 */
export function standardErrors(observations: readonly Observation[], fit: Fit): Float64Array | undefined {
  const n = fit.coefficients.length;
  const pulls = new Map<number, Float64Array>();
  for (const observation of observations) {
    if (observation.draw === undefined) continue;
    const pull = pulls.get(observation.draw) ?? new Float64Array(n);
    pulls.set(observation.draw, pull);
    const scaled = observation.weight * residualOf(observation, fit);
    for (let j = 0; j < n; j++) pull[j]! += scaled * observation.features[j]!;
  }
  if (pulls.size > 0 && pulls.size <= n) return undefined;
  const squares = new Float64Array(n);
  for (const pull of pulls.values()) for (let i = 0; i < n; i++) squares[i]! += dot(fit.inverse, i * n, pull, n) ** 2;
  // A fit follows its own observations: the residuals are smaller than the errors.
  const correction = pulls.size === 0 ? 0 : pulls.size / (pulls.size - n);
  return squares.map((square) => Math.sqrt(square * correction));
}
