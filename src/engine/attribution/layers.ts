/** @file The layers a class activation map can be drawn from, and the one to take when nobody chooses. */
import { producers, typeOf, type Graph, type Node } from "../ir/graph.js";
import { isFloat } from "../ir/tensor.js";
import { attentionSites } from "./attentionSites.js";
import type { Classifier } from "./classifier.js";
import { spatialValues, type Spatial } from "./spatial.js";

/** An activation that lies on a grid of more than one cell over the image, and that the logits depend on. */
export interface Layer {
  /** The value's name in the model file. */
  readonly name: string;
  readonly op: string;
  readonly shape: readonly number[];
  readonly spatial: Spatial;
}

/** Values that only rename or cast another are no layers of their own. */
const plumbing = new Set(["Cast", "Identity", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Split", "Gather", "Pad"]);

/** All layers of a graph specialised to one input shape, first to last. */
export function layersOf(graph: Graph, classifier: Pick<Classifier, "input" | "logits">): Layer[] {
  const spatial = spatialValues(graph, classifier.input);
  const needed = ancestors(graph, [classifier.logits]);
  return graph.nodes.flatMap((node) => {
    const name = node.outputs[0]!;
    const at = spatial.get(name);
    if (!at || !needed.has(name) || plumbing.has(node.op) || at.layout === "tokensLast" || at.grid[0] * at.grid[1] < 2 || !isFloat(typeOf(graph, name).dtype)) return [];
    return [{ name, op: node.op, shape: typeOf(graph, name).shape as readonly number[], spatial: at }];
  });
}

/**
 * The last activation with a spatial extent. In a transformer the tokens that leave the last attention pass nothing to a class token,
 * so there it is the normalised input of the last attention (pytorch-grad-cam's advice for ViT and Swin). `undefined` when no layer fits.
 */
export function defaultLayer(graph: Graph, layers: readonly Layer[]): Layer | undefined {
  const last = layers.at(-1);
  if (last === undefined || last.spatial.layout === "map") return last;
  const attention = attentionSites(graph).at(-1)?.weights ?? factorisedAttention(graph);
  if (attention === undefined) return last;
  const before = ancestors(graph, [attention]);
  const candidates = layers.filter(({ name }) => before.has(name));
  return candidates.findLast(({ op }) => op === "LayerNormalization") ?? candidates.at(-1) ?? last;
}

/** Attention that normalises keys over the tokens before it meets the queries (CoaT) has no weights of queries over keys, but a softmax of three axes or more. */
function factorisedAttention(graph: Graph): string | undefined {
  const isOverTokens = ({ op, outputs }: Node) => op === "Softmax" && (typeOf(graph, outputs[0]!).shape?.length ?? 0) >= 3;
  return graph.nodes.findLast(isOverTokens)?.outputs[0];
}

/** Every value these values are computed from, themselves included. */
function ancestors(graph: Graph, values: readonly string[]): Set<string> {
  const writers = producers(graph);
  const found = new Set<string>();
  const open = [...values];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (found.has(value)) continue;
    found.add(value);
    open.push(...(writers.get(value)?.inputs ?? []));
  }
  return found;
}
