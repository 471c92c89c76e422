/** @file What a TensorFlow graph says of how images are prepared: by what it does to pixels before anything looks at them, or by the names of keras.applications in it. */
import { isInMemory, producers, typeOf, type Graph } from "../../ir/graph.js";
import { sizeOf, toNumbers } from "../../ir/tensor.js";
import { imageInputOf } from "../../preprocess/defaults.js";
import type { Preprocess } from "../../preprocess/description.js";
import { applicationScaling, kerasDescription, rawPixels } from "../keras/applications.js";

/** Operators behind which pixels are pixels still. */
const passing = new Set(["Identity", "Cast", "Transpose", "Slice", "Gather", "Split", "Concat", "Pad", "Resize", "Reshape", "Squeeze", "Unsqueeze", "Mul", "Div", "Add", "Sub"]);
/** Operators that leave a constant's numbers as they are. */
const moving = new Set(["Identity", "Cast", "Reshape", "Unsqueeze", "Expand", "Transpose"]);
/** Statistics of channels; longer constants are weights. */
const mostNumbers = 64;
/** Whoever divides by more, or takes off more, expects pixels in 0..255. */
const large = 50;

/** The preprocessing of the only image input; `undefined` where nothing tells. */
export function graphPreprocess(graph: Graph): Preprocess | undefined {
  const [name, ...others] = graph.inputs.filter((each) => typeOf(graph, each).shape?.length === 4);
  const input = name !== undefined && others.length === 0 ? imageInputOf(typeOf(graph, name).shape) : undefined;
  // Without constants there is an operator that is not known, and nothing to follow.
  if (name === undefined || input === undefined || graph.initializers.size === 0) return undefined;
  const { scales, resizes } = followPixels(graph, name);
  const scaling = scales ? rawPixels : applicationScaling(graph.nodes.flatMap((node) => node.name.split("/")));
  return scaling && kerasDescription(input, scaling, resizes);
}

function followPixels(graph: Graph, input: string): { readonly scales: boolean; readonly resizes: boolean } {
  const writers = producers(graph);
  const numbersOf = (value: string): readonly number[] => {
    let at = value;
    for (let node = writers.get(at); node !== undefined && moving.has(node.op); node = writers.get(at)) at = node.inputs[0]!;
    const held = graph.initializers.get(at);
    return held !== undefined && isInMemory(held) && sizeOf(held.shape) <= mostNumbers ? toNumbers(held) : [];
  };
  const pixels = new Set([input]);
  let [scales, resizes] = [false, false];
  for (const { op, inputs, outputs } of graph.nodes) {
    if (!passing.has(op) || !inputs.some((value) => pixels.has(value))) continue;
    for (const output of outputs) pixels.add(output);
    resizes ||= op === "Resize";
    const constants = inputs.filter((value) => !pixels.has(value)).flatMap(numbersOf);
    scales ||= constants.some((number) => (op === "Mul" ? number !== 0 && Math.abs(number) < 1 / large : ["Div", "Add", "Sub"].includes(op) && Math.abs(number) > large));
  }
  return { scales, resizes };
}
