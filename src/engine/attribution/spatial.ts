/** @file Follows the picture through a graph: which values still lie on a grid over the image, and how. */
import { typeOf, type Graph } from "../ir/graph.js";
import { isChannels, placed, type Axis, type Factor, type Placement } from "./placement.js";
import { placementRules } from "./placementRules.js";

/**
 * How a value of a specialised graph lies over the image, batch first:
 * `map` `[n, c, h, w]`, `mapLast` `[n, h, w, c]`, `tokens` `[n, prefix + h * w, c]`, `tokensLast` `[n, c, h * w]`.
 */
export interface Spatial {
  readonly layout: "map" | "mapLast" | "tokens" | "tokensLast";
  readonly grid: readonly [height: number, width: number];
  /** Class, distillation and register tokens before the patches; 0 for maps. */
  readonly prefix: number;
}

const isBatch = (axis: Axis) => axis.every(({ of }) => of === "n");

/** Height and width that follow each other over these axes, each in one piece; an axis of one counts as either. */
function gridOf(factors: readonly Factor[]): readonly [height: number, width: number] | undefined {
  const kinds = factors.map(({ of, stride }) => (stride === 1 ? of : "?")).join("");
  if (!["", "h", "w", "hw"].includes(kinds)) return undefined;
  return [factors.find(({ of }) => of === "h")?.size ?? 1, factors.find(({ of }) => of === "w")?.size ?? 1];
}

/** The layout people can be shown, or `undefined` while windows, heads or transposed grids stand in its way. */
export function spatialOf(placement: Placement): Spatial | undefined {
  const [batch, a, b, c] = placement as [Axis, Axis, Axis, Axis?];
  if (batch === undefined || !isBatch(batch)) return undefined;
  const layouts: readonly (readonly [Spatial["layout"], readonly (Axis | undefined)[], Axis | undefined])[] =
    placement.length === 4 ? [["map", [b, c], a], ["mapLast", [a, b], c]] : placement.length === 3 ? [["tokens", [a], b], ["tokensLast", [b], a]] : [];
  for (const [layout, axes, channelAxis] of layouts) {
    const factors = axes.flatMap((axis) => axis ?? []);
    const tokens = factors.length === 1 ? factors[0]!.tokens : undefined;
    const grid = gridOf(tokens?.patches ?? factors);
    const isOneEach = axes.length === 1 || axes.every((axis, i) => axis!.every(({ of }) => of === "hw"[i]));
    if (grid && isOneEach && isChannels(channelAxis)) return { layout, grid, prefix: tokens?.prefix ?? 0 };
  }
  return undefined;
}

/** Every value of a specialised graph that lies on a grid over the image, starting from the image input. */
export function spatialValues(graph: Graph, input: string): Map<string, Spatial> {
  const found = new Map<string, Placement>();
  const shape = (value: string) => typeOf(graph, value).shape as readonly number[];
  const dims = shape(input);
  // Three or fewer channels in front, or more pixels behind than before: the channels stand first.
  found.set(input, placed(dims[3]! <= 4 && dims[1]! > 4 ? ["n", "h", "w", "c"] : ["n", "c", "h", "w"], dims));
  const context = { graph, of: (value: string) => found.get(value), shape, spatial: (value: string) => { const placement = found.get(value); return placement && spatialOf(placement); } };
  for (const node of graph.nodes) {
    if (!node.inputs.some((value) => found.has(value))) continue;
    placementRules[node.op]?.(node, context)?.forEach((placement, i) => { if (placement && node.outputs[i]) found.set(node.outputs[i]!, placement); });
  }
  return new Map([...found].flatMap(([name, placement]) => { const spatial = spatialOf(placement); return spatial ? [[name, spatial]] : []; }));
}
