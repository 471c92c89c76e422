/** @file Kernels of recurrent layers, step by step as the ONNX specification writes them. */
import { numberOf } from "../../ir/attributes.js";
import type { Node } from "../../ir/graph.js";
import { clipOf, directionsOf, type Activation } from "../../ir/recurrent.js";
import { ndArray, ndArrayOf, type NdArray } from "../ndArray.js";
import { required, type Kernel } from "./kernel.js";

const activate: Readonly<Record<string, (x: number, activation: Activation) => number>> = {
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)), Tanh: Math.tanh, Relu: (x) => Math.max(0, x), Softsign: (x) => x / (1 + Math.abs(x)), Softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  LeakyRelu: (x, { alpha }) => (x < 0 ? alpha * x : x), ThresholdedRelu: (x, { alpha }) => (x > alpha ? x : 0), Elu: (x, { alpha }) => (x < 0 ? alpha * Math.expm1(x) : x),
  HardSigmoid: (x, { alpha, beta }) => Math.min(1, Math.max(0, alpha * x + beta)), ScaledTanh: (x, { alpha, beta }) => alpha * Math.tanh(beta * x), Affine: (x, { alpha, beta }) => alpha * x + beta,
};

/** One step of one sequence: pre-activations of the input `x[gate][unit]` and the state go in, the new state comes out. */
interface Step {
  /** `W x + Wb` of every gate. */
  readonly fromInput: (gate: number, unit: number) => number;
  /** `R h` of a gate for any state. */
  readonly fromState: (gate: number, unit: number, state: Float64Array) => number;
  readonly bias: (gate: number, unit: number) => number;
  readonly peephole: (gate: number, unit: number) => number;
  readonly act: (which: number, x: number) => number;
  readonly h: Float64Array;
  readonly c: Float64Array;
}

type Cell = (node: Node, step: Step) => { h: Float64Array; c: Float64Array };

/** Gates in the order input, output, forget, cell. */
const lstm: Cell = (node, { fromInput, fromState, bias, peephole, act, h, c }) => {
  const raw = (gate: number, unit: number) => fromInput(gate, unit) + fromState(gate, unit, h) + bias(gate, unit);
  const [next, out] = [new Float64Array(h.length), new Float64Array(h.length)];
  for (let unit = 0; unit < h.length; unit++) {
    const input = act(0, raw(0, unit) + peephole(0, unit) * c[unit]!);
    const forget = numberOf(node, "input_forget", 0) === 1 ? 1 - input : act(0, raw(2, unit) + peephole(2, unit) * c[unit]!);
    next[unit] = forget * c[unit]! + input * act(1, raw(3, unit));
    out[unit] = act(0, raw(1, unit) + peephole(1, unit) * next[unit]!) * act(2, next[unit]!);
  }
  return { h: out, c: next };
};

/** Gates in the order update, reset, hidden. */
const gru: Cell = (node, { fromInput, fromState, bias, act, h, c }) => {
  const gate = (which: number) => h.map((_, unit) => act(0, fromInput(which, unit) + fromState(which, unit, h) + bias(which, unit)));
  const [update, reset] = [gate(0), gate(1)];
  const isAfter = numberOf(node, "linear_before_reset", 0) !== 0;
  const scaled = h.map((value, unit) => value * reset[unit]!);
  return {
    c,
    h: h.map((value, unit) => {
      const recurrent = isAfter ? reset[unit]! * (fromState(2, unit, h) + bias(5, unit)) + bias(4, unit) : fromState(2, unit, scaled) + bias(2, unit);
      return (1 - update[unit]!) * act(1, fromInput(2, unit) + recurrent) + update[unit]! * value;
    }),
  };
};

const rnn: Cell = (_, { fromInput, fromState, bias, act, h, c }) => ({ c, h: h.map((__, unit) => act(0, fromInput(0, unit) + fromState(0, unit, h) + bias(0, unit))) });

/** Runs a cell over every direction, batch and step. Layout 1 is taken apart before anything runs. */
const recurrent = (cell: Cell, gates: number): Kernel => (node, inputs, types) => {
  const [x, w, r, b, lengths, h0] = [required(inputs, 0), required(inputs, 1), required(inputs, 2), inputs[3], inputs[4], inputs[5]];
  const [c0, p] = node.op === "LSTM" ? [inputs[6], inputs[7]] : [undefined, undefined];
  if (numberOf(node, "layout", 0) === 1) throw new Error("internal: layout 1 is taken apart before running");
  const [sequence, batch, width] = x.shape as [number, number, number];
  const hidden = r.shape[2]!;
  const directions = directionsOf(node);
  const y = ndArray(x.dtype, [sequence, directions.length, batch, hidden]);
  const [lastH, lastC] = [ndArray(x.dtype, [directions.length, batch, hidden]), ndArray(x.dtype, [directions.length, batch, hidden])];
  const clip = clipOf(node) ?? Infinity;
  directions.forEach(({ isReverse, activations }, d) => {
    for (let n = 0; n < batch; n++) {
      const state = (array: NdArray | undefined) => (array ? array.data.slice((d * batch + n) * hidden, (d * batch + n + 1) * hidden) : new Float64Array(hidden));
      let [h, c]: Float64Array[] = [state(h0), state(c0)];
      const length = lengths?.data[n] ?? sequence;
      const part = (gate: number, unit: number, half: number) => b?.data[(d * 2 * gates + half * gates + gate) * hidden + unit] ?? 0;
      for (let step = 0; step < length; step++) {
        const t = isReverse ? length - 1 - step : step;
        const dot = (weights: NdArray, gate: number, unit: number, size: number, at: (k: number) => number) => {
          let sum = 0;
          for (let k = 0; k < size; k++) sum += weights.data[((d * gates + gate) * hidden + unit) * size + k]! * at(k);
          return sum;
        };
        ({ h, c } = cell(node, {
          h: h!, c: c!,
          fromInput: (gate, unit) => dot(w, gate, unit, width, (k) => x.data[(t * batch + n) * width + k]!),
          fromState: (gate, unit, from) => dot(r, gate, unit, hidden, (k) => from[k]!),
          // Gates 4 and 5 stand for the hidden gate's two biases apart.
          bias: (gate, unit) => (gate < 4 ? part(gate, unit, 0) + part(gate, unit, 1) : part(2, unit, gate - 4)),
          peephole: (gate, unit) => p?.data[(d * 3 + gate) * hidden + unit] ?? 0,
          act: (which, value) => { const activation = activations[which]!; return activate[activation.name]!(which === 2 ? value : Math.min(clip, Math.max(-clip, value)), activation); },
        }));
        y.data.set(h!, ((t * directions.length + d) * batch + n) * hidden);
      }
      lastH.data.set(h!, (d * batch + n) * hidden);
      lastC.data.set(c!, (d * batch + n) * hidden);
    }
  });
  return [y, lastH, lastC].slice(0, types.length).map((array, i) => ndArray(array.dtype, ndArrayOf(types[i]!).shape, array.data));
};

export const recurrentKernels: Readonly<Record<string, Kernel>> = { LSTM: recurrent(lstm, 4), GRU: recurrent(gru, 3), RNN: recurrent(rnn, 1) };
