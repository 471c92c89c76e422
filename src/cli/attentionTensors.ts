/** @file The tensors of one input's attention. */
import type { Grid } from "../drawing/heatmap.js";
import { int64, type Tensor } from "../engine/ir/tensor.js";
import type { AttentionRequest, AttentionSummary } from "../protocol/attention.js";
import type { Jobs } from "../worker/jobs.js";
import { patchRow, queryOf } from "../worker/patchRow.js";

const float = ({ shape, data }: Grid): Tensor => ({ dtype: "float32", shape, data });

/**
 * `attentions` `[layers, heads, queries, keys]`, or `attentions.L` `[windows, heads, queries, keys]` where layers differ; `average`, `rollout` and `relevance` `[queries, keys]`; `entropy` and `distance` `[layers, heads]`;
 * `input_ids` of texts. Of images what the class token gives to the patches, not divided by anything: `cls_attention` `[layers, heads, rows, columns]`, `rollout_cls` and `relevance_cls` `[rows, columns]`;
 * without a class token the mean over all patches as `mean_attention`, `rollout_mean` and `relevance_mean`.
 */
export async function attentionTensors(jobs: Jobs, request: AttentionRequest, summary: AttentionSummary): Promise<Record<string, Tensor>> {
  const { layers, tokens, average, rollout, relevance, entropy, distance } = summary;
  const weights: Grid[] = [];
  for (const layer of layers.keys()) weights.push(await jobs.attentionLayer({ request, layer }));
  const [first] = weights;
  const isEven = first!.shape[0] === 1 && weights.every(({ shape }) => String(shape) === String(first!.shape));
  const attentions = isEven ? { attentions: float(joined(weights)) } : Object.fromEntries(weights.map((layer, i) => [`attentions.${i}`, float(layer)]));
  const given = Object.entries({ average, rollout, relevance }).flatMap(([name, grid]) => (grid ? [[name, float(grid)] as const] : []));
  return {
    ...attentions, ...Object.fromEntries(given), entropy: float(entropy), distance: float(distance),
    ...(request.input.kind === "text" ? { input_ids: int64([tokens.length], tokens.map(({ id }) => id)) } : onImage(summary, weights)),
  };
}

/** Layers of one window and equal shape as `[layers, heads, queries, keys]`. */
function joined(weights: readonly Grid[]): Grid {
  const size = weights[0]!.data.length;
  const data = new Float32Array(weights.length * size);
  weights.forEach((layer, i) => data.set(layer.data, i * size));
  return { shape: [weights.length, ...weights[0]!.shape.slice(1)], data };
}

function onImage(summary: AttentionSummary, weights: readonly Grid[]): Record<string, Tensor> {
  const { layers, tokens } = summary;
  const query = queryOf(summary);
  const [name, ending] = query === "mean" ? ["mean_attention", "mean"] : ["cls_attention", "cls"];
  const placed = layers.flatMap((layer, i) => (layer.windows === 1 && layer.grid && layer.queries === tokens.length ? [i] : []));
  if (placed.length === 0) return {};
  const rows = placed.map((i) => headRows(weights[i]!, layers[i]!, query));
  const isWhole = placed.length === layers.length && rows.every(({ shape }) => String(shape) === String(rows[0]!.shape));
  const maps = isWhole ? { [name]: float(joined(rows.map(({ shape, data }) => ({ shape: [1, ...shape], data })))) } : Object.fromEntries(placed.map((i, at) => [`${name}.${i}`, float(rows[at]!)]));
  const at = layers[placed[0]!]!;
  const square = Object.entries({ rollout: summary.rollout, relevance: summary.relevance }).flatMap(([map, grid]) => (grid ? [[`${map}_${ending}`, float(patchRow(grid, at, query))] as const] : []));
  return { ...maps, ...Object.fromEntries(square) };
}

/** `[heads, rows, columns]`. */
function headRows({ shape, data }: Grid, layer: AttentionSummary["layers"][number], query: ReturnType<typeof queryOf>): Grid {
  const [, heads, queries, keys] = shape as [number, number, number, number];
  const rows = Array.from({ length: heads }, (_, head) => patchRow({ shape: [queries, keys], data: data.subarray(head * queries * keys, (head + 1) * queries * keys) }, layer, query));
  return { shape: [heads, ...rows[0]!.shape], data: Float32Array.from(rows.flatMap((row) => [...row.data])) };
}
