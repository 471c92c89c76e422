/** @file Where a vision transformer's attention flows: rollout, which is the same for every class, and the relevance for each. */
import { attentionSites } from "../../engine/attribution/attentionSites.js";
import type { Graph } from "../../engine/ir/graph.js";
import type { PlainTensor } from "../../engine/attribution/parameters.js";
import type { DebugAttention, DebugRequest } from "../../protocol/debug.js";
import type { AttentionSummary } from "../../protocol/attention.js";
import { attentionOf } from "../attention.js";
import type { JobContext, JobResources } from "../jobs.js";
import { patchRow, queryOf } from "../patchRow.js";
import type { MapClasses } from "./debugMaps.js";

/** Nothing for models without attention, and for those whose layers attend over different tokens, as windowed ones do. */
export async function debugAttention(resources: JobResources, { model, input, runtime }: DebugRequest, classes: MapClasses, graph: Graph, next: () => JobContext): Promise<DebugAttention[]> {
  if (attentionSites(graph).length === 0) return [];
  const summaryOf = (target: number) => attentionOf(resources, { model, input: { kind: "image", path: input }, target, runtime }, next());
  const predicted = await summaryOf(classes.predicted);
  const real = classes.true === undefined || !predicted.relevance ? undefined : await summaryOf(classes.true);
  const found: [DebugAttention["kind"], DebugAttention["of"], PlainTensor | undefined][] = [
    ["rollout", "any", onPatches(predicted, predicted.rollout)], ["relevance", "predicted", onPatches(predicted, predicted.relevance)], ["relevance", "true", real && onPatches(real, real.relevance)],
  ];
  return found.flatMap(([kind, of, grid]) => (grid ? [{ kind, of, grid }] : []));
}

/** What the class token takes from every patch, as shares of one; `undefined` where patches lie nowhere, or it takes nothing. */
function onPatches(summary: AttentionSummary, matrix: PlainTensor | undefined): PlainTensor | undefined {
  const layer = summary.layers.find(({ windows, queries, keys, grid }) => windows === 1 && grid !== undefined && queries === summary.tokens.length && keys === queries);
  if (!matrix || !layer) return undefined;
  const { shape, data } = patchRow(matrix, layer, queryOf(summary));
  const sum = data.reduce((total, value) => total + value, 0);
  return sum > 0 ? { shape, data: data.map((value) => value / sum) } : undefined;
}
