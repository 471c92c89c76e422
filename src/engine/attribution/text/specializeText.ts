/** @file A text model's graph with every shape concrete: for so many texts of so many tokens, without earlier keys. */
import { typeOf, type Graph, type Initializer, type Node } from "../../ir/graph.js";
import { isConcrete } from "../../ir/shape.js";
import { sizeOf, type Tensor } from "../../ir/tensor.js";
import { verify } from "../../ir/verify.js";
import { fuseLayerNormalization } from "../../passes/fuseLayerNormalization.js";
import { prune } from "../../passes/prune.js";
import { specialize } from "../../passes/specialize.js";
import type { TextModel } from "./textModel.js";
import { unsuitable } from "./textInputs.js";

/**
 * The graph for `batch` texts of `tokens` tokens (or of the number that the file fixes), to these outputs; by default to the scores, or to all outputs of an encoder.
 * Its inputs are those that `feedsOf` feeds. Throws `modelUnsuitable` when the model cannot do without earlier keys.
 */
export function specializeText(model: TextModel, batch: number, tokens: number, outputs: readonly string[] = model.scores === undefined ? model.graph.outputs : [model.scores]): Graph {
  const length = model.fixed ?? tokens;
  const shapes = Object.fromEntries([model.ids, model.mask, model.types, ...model.positions].filter((name) => name !== undefined).map((name) => [name, shapeOf(model, name, batch, length)]));
  const pasts = Object.fromEntries(model.pasts.map((name) => [name, pastShape(model, name, batch)]));
  const graph = withSwitches({ ...model.graph, outputs }, model.switches);
  const special = specialize(graph, { ...shapes, ...pasts });
  return fuseLayerNormalization(withoutPasts(special, model.pasts));
}

function shapeOf(model: TextModel, name: string, batch: number, length: number): readonly number[] {
  const shape = typeOf(model.graph, name).shape;
  return shape?.length === 1 ? [length] : [shape?.[0] === 1 ? 1 : batch, length];
}

/** The extents of keys are given but for the batch, the first symbol, and the length, which is 0. */
function pastShape(model: TextModel, name: string, batch: number): readonly number[] {
  const shape = typeOf(model.graph, name).shape ?? [];
  const first = shape.findIndex((dim) => typeof dim === "string");
  if (shape.filter((dim) => typeof dim === "string").length > 2) throw unsuitable(`it takes earlier keys of unknown extents, "${name}"; export it without past keys and values`);
  return shape.map((dim, i) => (typeof dim === "number" ? dim : i === first && i < shape.length - 2 ? batch : 0));
}

/** Switches as constants: no earlier keys, all rows of scores. */
function withSwitches(graph: Graph, switches: readonly string[]): Graph {
  const initializers = new Map<string, Initializer>(graph.initializers);
  for (const name of switches) {
    const { dtype, shape } = typeOf(graph, name);
    const extents = (shape ?? []).map((dim) => (typeof dim === "number" ? dim : 1));
    const size = sizeOf(extents);
    initializers.set(name, { dtype, shape: extents, data: dtype === "int64" ? new BigInt64Array(size) : dtype === "bool" ? new Uint8Array(size) : new Int32Array(size) } as Tensor);
  }
  return { ...graph, inputs: graph.inputs.filter((name) => !switches.includes(name)), initializers };
}

/** Takes the empty keys out of what they are joined with. */
function withoutPasts(graph: Graph, pasts: readonly string[]): Graph {
  if (pasts.length === 0) return graph;
  const isEmpty = (value: string) => { const shape = graph.types.get(value)?.shape; return isConcrete(shape) && sizeOf(shape) === 0; };
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const full = node.inputs.filter((input) => !isEmpty(input));
    if (node.op !== "Concat" || full.length === node.inputs.length || full.length === 0) return [node];
    return full.length === 1 ? [{ ...node, op: "Identity", inputs: full, attributes: {} }] : [{ ...node, inputs: full }];
  });
  const pruned = prune({ ...graph, nodes }, false);
  const kept = pruned.inputs.filter((name) => pasts.includes(name));
  if (kept.length > 0) throw unsuitable(`it takes earlier keys and values, "${kept[0]}"; export it without them`);
  return verify({ ...pruned, inputs: graph.inputs.filter((name) => !pasts.includes(name)), types: new Map([...pruned.types, ...graph.inputs.map((name) => [name, typeOf(graph, name)] as const)]) }, "withoutPasts");
}
