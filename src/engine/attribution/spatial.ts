/** @file Follows the picture through a graph: which values still lie on a grid over the image, and how. */
import { numberOf, numbersOf } from "../ir/attributes.js";
import { typeOf, type Graph, type Node } from "../ir/graph.js";
import { arithmeticOps, unaryOps } from "../ir/ops.js";
import { normalizeAxis } from "../ir/shape.js";
import { toNumbers } from "../ir/tensor.js";

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

interface Context {
  readonly graph: Graph;
  readonly of: (value: string) => Spatial | undefined;
  readonly shape: (value: string) => readonly number[];
}

type Rule = (node: Node, context: Context) => Spatial | undefined;

/** The first operand that lies on a grid and has the result's shape. */
const elementwise: Rule = (node, { of, shape }) => {
  const result = shape(node.outputs[0]!);
  const input = node.inputs.find((value) => value !== "" && of(value) !== undefined && String(shape(value)) === String(result));
  return input === undefined ? undefined : of(input);
};

const map: Rule = (node, { of, shape }) => {
  const dims = shape(node.outputs[0]!);
  return of(node.inputs[0]!)?.layout === "map" && dims.length === 4 ? { layout: "map", grid: [dims[2]!, dims[3]!], prefix: 0 } : undefined;
};

/** A product with weights mixes channels, which stand last. */
const matMul: Rule = (node, { graph, of }) => {
  const spatial = of(node.inputs[0]!);
  return spatial && graph.initializers.has(node.inputs[1]!) && (spatial.layout === "tokens" || spatial.layout === "mapLast") ? spatial : undefined;
};

const transposes: readonly { readonly from: Spatial["layout"]; readonly perm: string; readonly to: Spatial["layout"] }[] = [
  { from: "map", perm: "0,2,3,1", to: "mapLast" },
  { from: "mapLast", perm: "0,3,1,2", to: "map" },
  { from: "tokensLast", perm: "0,2,1", to: "tokens" },
  { from: "tokens", perm: "0,2,1", to: "tokensLast" },
];

const transpose: Rule = (node, { of }) => {
  const spatial = of(node.inputs[0]!);
  const move = transposes.find(({ from, perm }) => from === spatial?.layout && perm === String(numbersOf(node, "perm")));
  return spatial && move && { ...spatial, layout: move.to };
};

/** Opening or closing the grid: `h, w` to `h * w` and back, whatever stands beside it unchanged. */
const reshape: Rule = (node, { of, shape }) => {
  const spatial = of(node.inputs[0]!);
  if (!spatial || spatial.prefix > 0) return undefined;
  const [from, to] = [shape(node.inputs[0]!), shape(node.outputs[0]!)];
  const [h, w] = spatial.grid;
  const n = from[0]!;
  const c = spatial.layout === "map" || spatial.layout === "tokensLast" ? from[1]! : from.at(-1)!;
  const channelsFirst = spatial.layout === "map" || spatial.layout === "tokensLast";
  const forms: readonly (readonly [string, Spatial["layout"]])[] = channelsFirst ? [[`${n},${c},${h},${w}`, "map"], [`${n},${c},${h * w}`, "tokensLast"]] : [[`${n},${h},${w},${c}`, "mapLast"], [`${n},${h * w},${c}`, "tokens"]];
  const form = forms.find(([text]) => text === String(to));
  return form && { ...spatial, layout: form[1] };
};

/** Tokens set before the patches are a prefix; channels may be joined freely. */
const concat: Rule = (node, { of, shape }) => {
  const first = node.inputs.findIndex((value) => of(value) !== undefined);
  if (first < 0) return undefined;
  const spatial = of(node.inputs[first]!)!;
  const dims = shape(node.outputs[0]!);
  const axis = normalizeAxis(numberOf(node, "axis", 0), dims.length);
  const isChannelAxis = axis === (spatial.layout === "map" || spatial.layout === "tokensLast" ? 1 : dims.length - 1);
  if (isChannelAxis) return spatial;
  if (spatial.layout !== "tokens" || axis !== 1 || first !== node.inputs.length - 1) return undefined;
  return { ...spatial, prefix: spatial.prefix + node.inputs.slice(0, first).reduce((sum, value) => sum + shape(value)[1]!, 0) };
};

/** Maps may be cut anywhere; tokens lose their prefix or nothing. */
const slice: Rule = (node, { graph, of, shape }) => {
  const spatial = of(node.inputs[0]!);
  const dims = shape(node.outputs[0]!);
  if (!spatial) return undefined;
  if (spatial.layout === "map") return { ...spatial, grid: [dims[2]!, dims[3]!] };
  if (spatial.layout === "mapLast") return { ...spatial, grid: [dims[1]!, dims[2]!] };
  const constant = (i: number) => {
    const initializer = graph.initializers.get(node.inputs[i] ?? "");
    return initializer && "data" in initializer ? toNumbers(initializer) : undefined;
  };
  const [starts, axes] = [constant(1), constant(3)];
  const dropsPrefix = spatial.layout === "tokens" && axes?.length === 1 && normalizeAxis(axes[0]!, 3) === 1 && starts?.[0] === spatial.prefix && dims[1] === spatial.grid[0] * spatial.grid[1];
  return dropsPrefix ? { ...spatial, prefix: 0 } : String(dims) === String(shape(node.inputs[0]!)) ? spatial : undefined;
};

const table = (names: readonly string[], rule: Rule) => Object.fromEntries(names.map((name) => [name, rule]));

const rules: Readonly<Record<string, Rule>> = {
  ...table([...unaryOps, ...arithmeticOps, "Min", "Max", "Sum", "Mean", "Clip", "PRelu", "Where", "Cast", "LayerNormalization"], elementwise),
  ...table(["Conv", "ConvTranspose", "MaxPool", "AveragePool", "BatchNormalization", "InstanceNormalization", "GroupNormalization", "LRN", "Pad", "DepthToSpace", "SpaceToDepth", "GlobalAveragePool", "GlobalMaxPool"], map),
  MatMul: matMul,
  Transpose: transpose,
  Reshape: reshape,
  Flatten: reshape,
  Concat: concat,
  Slice: slice,
};

/** Every value of a specialised graph that lies on a grid over the image, starting from the image input. */
export function spatialValues(graph: Graph, input: string): Map<string, Spatial> {
  const found = new Map<string, Spatial>();
  const shape = (value: string) => typeOf(graph, value).shape as readonly number[];
  const dims = shape(input);
  // Three or fewer channels in front, or more pixels behind than before: the channels stand first.
  found.set(input, dims[3]! <= 4 && dims[1]! > 4 ? { layout: "mapLast", grid: [dims[1]!, dims[2]!], prefix: 0 } : { layout: "map", grid: [dims[2]!, dims[3]!], prefix: 0 });
  const context: Context = { graph, of: (value) => found.get(value), shape };
  for (const node of graph.nodes) {
    const spatial = rules[node.op]?.(node, context);
    if (spatial) found.set(node.outputs[0]!, spatial);
  }
  return found;
}
