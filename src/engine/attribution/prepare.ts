/** @file An image model fixed to one input shape, with what was found in it. */
import { WhylightError } from "../errors.js";
import { typeOf, type Graph } from "../ir/graph.js";
import { formatShape } from "../ir/shape.js";
import { fuseLayerNormalization } from "../passes/fuseLayerNormalization.js";
import { specialize } from "../passes/specialize.js";
import type { Classifier } from "./classifier.js";
import { defaultLayer, layersOf, type Layer } from "./layers.js";

/** What is made ready of an image model. Where it is an encoder, its features stand in the place of the logits. */
export type Preparable = Pick<Classifier, "graph" | "input" | "logits">;

/** An image model specialised to one input shape, with what was found in it. Computed once per shape. */
export interface Prepared {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  readonly defaultLayer: Layer | undefined;
  /** The same for another number of images; worked out once per number. */
  graphAt(batch: number): Graph;
  /** As many images at once as wanted, or one where the file fixes their number, as reshapes to `[1, ...]` do that exporters write. */
  atOnce(wanted: number): number;
}

/** Throws `inputInvalid` when the shape does not suit the model; a fixed batch size in the file is not held against it. */
export function prepare(model: Preparable, shape: readonly number[]): Prepared {
  checkShape(model, shape);
  const graph = specialized(model, shape);
  const layers = layersOf(graph, model);
  const graphs = new Map<number, Graph>([[shape[0]!, graph]]);
  const graphAt = (batch: number) => {
    const made = graphs.get(batch) ?? specialized(model, [batch, ...shape.slice(1)]);
    graphs.set(batch, made);
    return made;
  };
  let takesSeveral: boolean | undefined;
  const atOnce = (wanted: number) => (wanted > 1 && (takesSeveral ??= isForSeveral(() => graphAt(2), model.logits)) ? wanted : 1);
  return { graph, layers, defaultLayer: defaultLayer(graph, layers), graphAt, atOnce };
}

/**
 * Whether the graph for two inputs exists and gives a row for each. A fixed reshape fails, or takes two images for one larger one; what is quantised as it runs shares its scale among all inputs of a batch,
 * which would then change each other's scores.
 */
export function isForSeveral(make: () => Graph, logits: string): boolean {
  try {
    const graph = make();
    return typeOf(graph, logits).shape?.[0] === 2 && !graph.nodes.some(({ op }) => op === "DynamicQuantizeLinear");
  } catch {
    return false;
  }
}

function specialized({ graph, logits, input }: Preparable, shape: readonly number[]): Graph {
  return fuseLayerNormalization(specialize({ ...graph, outputs: [logits] }, { [input]: shape }));
}

function checkShape(model: Preparable, shape: readonly number[]): void {
  const expected = typeOf(model.graph, model.input).shape ?? [];
  const fits = expected.length === shape.length && expected.every((dim, axis) => axis === 0 || typeof dim === "string" || dim === shape[axis]);
  if (!fits) throw new WhylightError("inputInvalid", { reason: `the model takes ${formatShape(expected)}, the input is ${formatShape(shape)}` });
}

/** The layers asked for, or the default. Throws `layerUnknown`, or `layerUnsuitable` when the model has no layer on a grid. */
export function chooseLayers(prepared: Prepared, names: readonly string[]): readonly Layer[] {
  const suggestion = prepared.defaultLayer;
  if (names.length === 0) {
    if (suggestion === undefined) throw new WhylightError("layerUnsuitable", { layer: "", reason: "no activation lies on a grid over the image" });
    return [suggestion];
  }
  return [...new Set(names)].map((name) => {
    const layer = prepared.layers.find((candidate) => candidate.name === name);
    if (layer === undefined) throw new WhylightError("layerUnknown", { layer: name, suggestion: suggestion?.name ?? "" });
    return layer;
  });
}
