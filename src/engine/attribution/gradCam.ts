/** @file Grad-CAM (Selvaraju et al., arXiv 1610.02391), before its ReLU: what a layer's channels add up to, weighted by their mean gradient. */
import type { GraphBuilder } from "../ir/builder.js";
import type { Spatial } from "./spatial.js";

/** Spatial and channel axes per layout, once tokens have lost their prefix. */
const axes: Readonly<Record<Spatial["layout"], { readonly spatial: readonly number[]; readonly channel: number }>> = {
  map: { spatial: [2, 3], channel: 1 },
  mapLast: { spatial: [1, 2], channel: 3 },
  tokens: { spatial: [1], channel: 2 },
  tokensLast: { spatial: [2], channel: 1 },
};

/** `sum over channels of (spatial mean of the cotangent) * activation`, `[batch, height, width]`, signed. Prefix tokens count nowhere. */
export function gradCam(graph: GraphBuilder, activation: string, cotangent: string, spatial: Spatial): string {
  const { spatial: grid, channel } = axes[spatial.layout];
  const [patches, slopes] = [activation, cotangent].map((value) => withoutPrefix(graph, value, spatial)) as [string, string];
  const weights = graph.add("ReduceMean", [slopes, graph.ints(grid)], { keepdims: 1 });
  const cam = graph.add("ReduceSum", [graph.add("Mul", [patches, weights]), graph.ints([channel])], { keepdims: 0 });
  return graph.add("Reshape", [cam, graph.ints([graph.shape(activation)[0]!, ...spatial.grid])], {});
}

function withoutPrefix(graph: GraphBuilder, value: string, { prefix }: Spatial): string {
  return prefix === 0 ? value : graph.add("Slice", [value, graph.ints([prefix]), graph.ints([graph.shape(value)[1]!]), graph.ints([1])]);
}
