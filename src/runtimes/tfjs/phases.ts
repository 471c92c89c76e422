/** @file The phases of a transposed convolution along one axis, and putting their results back together. */
import type * as tfc from "@tensorflow/tfjs-core";
import type { TensorflowJs } from "../tensorflowNative.js";
import type { Pair } from "./convolve.js";

/** One axis of a transposed convolution: output o gets input i through kernel tap k where o + begin = i * stride + k * dilation. */
export interface TransposedAxis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly input: number;
  readonly output: number;
}

/** The outputs r, r + stride, ... as a convolution of stride 1: kernel taps in order, their spacing, and how much to pad the input (negative crops). */
export interface Phase {
  readonly taps: readonly number[];
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** One phase per remainder r, `undefined` where no tap reaches the input; each gives `size` outputs, of which the last may lie beyond the output. */
export function phasesOf({ kernel, stride, dilation, begin, input, output }: TransposedAxis): { readonly size: number; readonly phases: readonly (Phase | undefined)[] } {
  const size = Math.ceil(output / stride);
  const divisor = greatestCommonDivisor(stride, dilation);
  const [tapStep, inputStep] = [stride / divisor, dilation / divisor];
  const phases = Array.from({ length: stride }, (_, remainder): Phase | undefined => {
    const reaches = (tap: number) => (remainder + begin - tap * dilation) % stride === 0;
    const first = Array.from({ length: Math.min(kernel, tapStep) }, (_tap, tap) => tap).find(reaches);
    if (first === undefined) return undefined;
    const count = Math.floor((kernel - 1 - first) / tapStep) + 1;
    const taps = Array.from({ length: count }, (_tap, i) => first + (count - 1 - i) * tapStep);
    // Output q of the phase reads inputs q + offset - j * inputStep for j = 0 .. count - 1, the flipped taps.
    const offset = (remainder + begin - first * dilation) / stride;
    const span = (count - 1) * inputStep;
    const before = span - offset;
    // Windows that lie beyond the input altogether have nothing to convolve.
    if (-before >= input || size - 1 + offset < 0) return undefined;
    return { taps, dilation: inputStep, before, after: size + span - input - before };
  });
  return { size, phases };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Puts phase `[i][j]` at rows i, i + stride, ... and columns j, j + stride, ...; a missing phase is zero. Crops to `output`. */
export function interleave(
  tf: TensorflowJs, phases: readonly (readonly (tfc.Tensor4D | undefined)[])[], [n, h, w, c]: readonly [number, number, number, number], output: Pair,
): tfc.Tensor4D {
  const columns = phases[0]!.length;
  const zeros = phases.some((row) => row.includes(undefined)) ? tf.zeros([n * h * w, 1, c]) : undefined;
  const emptyRow = phases.some((row) => row.every((phase) => phase === undefined)) ? tf.zeros([n * h, 1, w * columns * c]) : undefined;
  const rows = phases.map((row) => {
    if (row.every((phase) => phase === undefined)) return emptyRow!;
    const flat = row.map((phase) => (phase === undefined ? zeros! : tf.reshape(phase, [n * h * w, 1, c])));
    return tf.reshape(tf.concat(flat, 1), [n * h, 1, w * columns * c]);
  });
  const whole = tf.reshape(tf.concat(rows, 1), [n, h * phases.length, w * columns, c]) as tfc.Tensor4D;
  return h * phases.length === output[0] && w * columns === output[1] ? whole : tf.slice(whole, [0, 0, 0, 0], [n, output[0], output[1], c]);
}
