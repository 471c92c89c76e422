/** @file Gradient rules of operators that read an axis through a fixed map: resizing, and padding by the input's own elements. */
import { textOf } from "../../ir/attributes.js";
import { axisTaps, isIdentity, resizedAxes } from "../../ir/resample.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import { throughMatrix } from "../../passes/resizeByMatrices.js";
import { reshape, unaryRule, type GradientRule, type GradientRules } from "../rule.js";

/** How often each element is repeated in a row, when the taps do nothing else. */
function repeats(taps: readonly (readonly { readonly at: number; readonly weight: number }[])[], from: number): number | undefined {
  const count = taps.length / from;
  return Number.isInteger(count) && taps.every((tap, i) => tap.length === 1 && tap[0]!.weight === 1 && tap[0]!.at === Math.floor(i / count)) ? count : undefined;
}

/** Each axis is a product with a constant matrix, so its gradient is one with the transpose; whole repeats are sums. */
const resize: GradientRule = unaryRule((graph, node, dy, x) => {
  const shape = graph.shape(x);
  const numbers = (i: number) => (node.inputs[i] ? graph.constantNumbers(node.inputs[i]) : undefined);
  const axes = resizedAxes(node, shape, { roi: numbers(1), scales: numbers(2), sizes: numbers(3) })!;
  let dx = dy;
  axes.forEach((resized, axis) => {
    const taps = axisTaps(node, resized as { from: number; to: number; scale: number; roi: readonly [number, number] });
    if (isIdentity(taps, shape[axis]!)) return;
    const count = repeats(taps, shape[axis]!);
    if (count === undefined) dx = throughMatrix(graph, dx, axis, taps, shape[axis]!, true);
    else {
      const wide = graph.shape(dx);
      const apart = reshape(graph, dx, [...wide.slice(0, axis), shape[axis]!, count, ...wide.slice(axis + 1)]);
      dx = graph.add("ReduceSum", [apart, graph.ints([axis + 1])], { keepdims: 0 });
    }
  });
  return dx;
});

/** Where a padded position reads from along one axis. */
const padSources: Readonly<Record<string, (i: number, size: number) => number>> = {
  edge: (i, size) => Math.min(Math.max(i, 0), size - 1),
  reflect: (i, size) => { const period = 2 * (size - 1) || 1; const at = ((i % period) + period) % period; return at < size ? at : period - at; },
  wrap: (i, size) => ((i % size) + size) % size,
};

/** The gradient of a `Pad` that repeats the input's own elements; `undefined` for one with a constant. */
export function paddedGradient(graph: GraphBuilder, node: Node, dy: string, shape: readonly number[], perAxis: readonly { readonly axis: number; readonly before: number; readonly after: number }[]): string | undefined {
  const source = padSources[textOf(node, "mode", "constant")];
  if (source === undefined) return undefined;
  return perAxis.reduce((dx, { axis, before, after }) => {
    const size = shape[axis]!;
    if (before === 0 && after === 0) return dx;
    return gatherRuns(graph, dx, axis, Array.from({ length: size + before + after }, (_, i) => source(i - before, size)), size);
  }, dy);
}

/**
 * The transpose of reading `sources` along an axis: every run of neighbouring sources, upwards, downwards or standing still, is a slice that is turned or summed
 * and laid where it came from.
 */
function gatherRuns(graph: GraphBuilder, dy: string, axis: number, sources: readonly number[], size: number): string {
  const terms: string[] = [];
  if (sources.length === 0) return graph.add("Expand", [graph.scalar(0), graph.ints(graph.shape(dy).map((dim, i) => (i === axis ? size : dim)))]);
  for (let from = 0; from < sources.length; ) {
    const step = from + 1 < sources.length ? sources[from + 1]! - sources[from]! : 1;
    let to = from + 1;
    if (Math.abs(step) <= 1) while (to < sources.length && sources[to]! - sources[to - 1]! === step) to++;
    let term = graph.add("Slice", [dy, graph.ints([from]), graph.ints([to]), graph.ints([axis])]);
    if (step === -1 && to - from > 1) term = graph.add("Slice", [term, graph.ints([-1]), graph.ints([-(2 ** 31)]), graph.ints([axis]), graph.ints([-1])]);
    if (step === 0) term = graph.add("ReduceSum", [term, graph.ints([axis])], { keepdims: 1 });
    const first = Math.min(sources[from]!, sources[to - 1]!);
    const length = step === 0 ? 1 : to - from;
    const rank = graph.shape(dy).length;
    const pads = new Array<number>(2 * rank).fill(0);
    [pads[axis], pads[axis + rank]] = [first, size - first - length];
    terms.push(first === 0 && length === size ? term : graph.add("Pad", [term, graph.ints(pads), graph.scalar(0)], { mode: "constant" }));
    from = to;
  }
  return terms.reduce((sum, term) => graph.add("Add", [sum, term]));
}

export const sampleRules: GradientRules = { Resize: resize };
