/** @file Attention, written as a product, a softmax over the keys and a product with the values, so that it can be looked into. */
import { isValue, type KerasValue } from "../kerasGraph.js";
import { flagOf, numberOf, rules, wordOf, type LayerCall, type LayerRules, type Variable } from "../layerRule.js";
import { operandsOf } from "./merging.js";

const projections = ["query", "key", "value", "attention_output"] as const;
/** Files that number variables know the projections by their attributes. */
const places: Readonly<Record<string, string>> = { query: "query_dense", key: "key_dense", value: "value_dense", attention_output: "output_dense" };

/** Arguments and keywords that would change the numbers. */
const refusedKeywords = ["attention_mask", "query_mask", "value_mask", "key_mask", "mask"];

function multiHeadAttention(call: LayerCall): KerasValue | readonly KerasValue[] {
  const { graph, config, args, kwargs, refuse } = call;
  const { writer } = graph;
  const masked = refusedKeywords.find((key) => kwargs[key] !== undefined && kwargs[key] !== null);
  if (masked !== undefined || kwargs["use_causal_mask"] === true) return refuse(`it is called with ${masked ?? "use_causal_mask"}`);
  if (config.values["use_gate"] === true || (config.values["sliding_window"] ?? null) !== null) return refuse("it has a gate or a sliding window");
  const [query, value = kwargs["value"], key = kwargs["key"] ?? value] = args;
  if (!isValue(query) || !isValue(value) || !isValue(key) || [query, value, key].some(({ rank }) => rank !== 3)) return refuse("it attends over more than one axis");
  const heads = numberOf(config, "num_heads", 1);
  const project = (name: (typeof projections)[number], x: string, before: readonly number[], after: readonly number[]) => writer.within(name, () => {
    const product = writer.add("MatMul", [x, writer.add("Reshape", [writer.weight("kernel", [-1, -1, -1]), writer.ints(before)])]);
    return writer.has("bias") ? writer.add("Add", [product, writer.add("Reshape", [writer.weight("bias"), writer.ints(after)])]) : product;
  });
  // The kernels lie as `[width, heads, size]`, the output's as `[heads, size, width]`.
  const width = (name: string) => writer.within(name, () => writer.shapeOf("kernel")) ?? [];
  const split = (name: "query" | "key" | "value", x: KerasValue) => {
    const [from = -1, , size = -1] = width(name);
    const whole = project(name, graph.last(x), [from, heads * size], [-1]);
    return writer.add("Transpose", [writer.add("Reshape", [whole, writer.ints([0, 0, heads, size])])], { perm: [0, 2, 1, 3] });
  };
  const scaled = writer.add("Mul", [split("query", query), writer.scalar(1 / Math.sqrt(numberOf(config, "key_dim", 1)))]);
  const turned = writer.add("Transpose", [split("key", key)], { perm: [0, 1, 3, 2] });
  const weights = writer.add("Softmax", [writer.add("MatMul", [scaled, turned])], { axis: -1 });
  const mixed = writer.add("Transpose", [writer.add("MatMul", [weights, split("value", value)])], { perm: [0, 2, 1, 3] });
  const [, size = -1, out = -1] = width("attention_output");
  const joined = writer.add("Reshape", [mixed, writer.ints([0, 0, heads * size])]);
  const result = graph.plain(project("attention_output", joined, [heads * size, out], [-1]), 3);
  return kwargs["return_attention_scores"] === true ? [result, graph.plain(weights, 4)] : result;
}

function multiHeadVariables(hasBias: boolean): readonly Variable[] {
  return projections.flatMap((name) => [{ name: `${name}/kernel`, place: `${places[name]!}/vars/0` }, ...(hasBias ? [{ name: `${name}/bias`, place: `${places[name]!}/vars/1` }] : [])]);
}

/** Plain attention of `[query, value, key]`, `[batch, places, width]` each; keys are the values where they are not given. */
function attention(call: LayerCall): KerasValue {
  const { graph, config, kwargs, refuse } = call;
  const { writer } = graph;
  const [query, value, key = value] = operandsOf(call);
  if (query === undefined || value === undefined || key === undefined || query.rank !== 3 || value.rank !== 3) return refuse("it attends over more than one axis");
  if (wordOf(config, "score_mode", "dot") !== "dot" || kwargs["use_causal_mask"] === true || flagOf(config, "causal", false) || (kwargs["mask"] ?? null) !== null) return refuse("it scores or masks in a way that is not supported");
  const scores = writer.add("MatMul", [graph.last(query), writer.add("Transpose", [graph.last(key)], { perm: [0, 2, 1] })]);
  const weights = writer.add("Softmax", [flagOf(config, "use_scale", false) ? writer.add("Mul", [scores, writer.weight("scale")]) : scores], { axis: -1 });
  return graph.plain(writer.add("MatMul", [weights, graph.last(value)]), 3);
}

export const attentionLayers: LayerRules = {
  MultiHeadAttention: { variables: (config) => multiHeadVariables(flagOf(config, "use_bias", true)), write: multiHeadAttention },
  ...rules(["Attention", "DotProductAttention"], { variables: (config) => (flagOf(config, "use_scale", false) ? [{ name: "scale" }] : []), write: attention }),
};
