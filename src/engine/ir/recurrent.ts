/** @file What the attributes of `LSTM`, `GRU` and `RNN` mean: directions, activations and their parameters. */
import { WhylightError } from "../errors.js";
import { numberOf, numbersOf, textOf } from "./attributes.js";
import type { Node } from "./graph.js";

/** An activation with its parameters filled in. */
export interface Activation {
  readonly name: string;
  readonly alpha: number;
  readonly beta: number;
}

/** Defaults of alpha and beta, from the ONNX specification. */
const parameters: Readonly<Record<string, readonly [alpha: number, beta: number]>> = {
  Sigmoid: [0, 0], Tanh: [0, 0], Relu: [0, 0], Softsign: [0, 0], Softplus: [0, 0], LeakyRelu: [0.01, 0], ThresholdedRelu: [1, 0], Elu: [1, 0], HardSigmoid: [0.2, 0.5], ScaledTanh: [1, 1], Affine: [1, 0],
};
const withAlpha = new Set(["LeakyRelu", "ThresholdedRelu", "Elu", "HardSigmoid", "ScaledTanh", "Affine"]);
const withBeta = new Set(["HardSigmoid", "ScaledTanh", "Affine"]);

const defaults: Readonly<Record<string, readonly string[]>> = { LSTM: ["Sigmoid", "Tanh", "Tanh"], GRU: ["Sigmoid", "Tanh"], RNN: ["Tanh"] };

/** For each direction: whether it runs backwards, and its activations. Throws `opUnsupported` for an activation outside the specification. */
export function directionsOf(node: Node): readonly { readonly isReverse: boolean; readonly activations: readonly Activation[] }[] {
  const reverses = { forward: [false], reverse: [true], bidirectional: [false, true] }[textOf(node, "direction", "forward")] ?? [false];
  const each = defaults[node.op]!.length;
  const given = node.attributes["activations"] as readonly string[] | undefined;
  const names = given !== undefined && given.length > 0 ? given : reverses.flatMap(() => defaults[node.op]!);
  const [alphas, betas] = [[...(numbersOf(node, "activation_alpha") ?? [])], [...(numbersOf(node, "activation_beta") ?? [])]];
  const activations = names.map((raw): Activation => {
    const name = Object.keys(parameters).find((known) => known.toLowerCase() === raw.toLowerCase());
    if (name === undefined) throw new WhylightError("opUnsupported", { op: `${node.op} (activation ${raw})`, node: node.name });
    const [alpha, beta] = parameters[name]!;
    return { name, alpha: (withAlpha.has(name) ? alphas.shift() : undefined) ?? alpha, beta: (withBeta.has(name) ? betas.shift() : undefined) ?? beta };
  });
  return reverses.map((isReverse, d) => ({ isReverse, activations: activations.slice(d * each, (d + 1) * each) }));
}

/** The bound of what enters an activation, or `undefined`. */
export function clipOf(node: Node): number | undefined {
  const clip = numberOf(node, "clip", 0);
  return clip > 0 ? clip : undefined;
}
