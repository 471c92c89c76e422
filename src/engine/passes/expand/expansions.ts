/** @file Which operators are taken apart, and when. */
import type { Graph } from "../../ir/graph.js";
import type { LoweringRule } from "../lower.js";
import { attentionExpansions } from "./attention.js";
import { columnsToImage } from "./columnsToImage.js";
import { expand } from "./expand.js";
import { fusedAttentionExpansions } from "./fusedAttention.js";
import { affineGrid, gridSampleByGather } from "./gridSample.js";
import { sequenceFirst, unroll } from "./recurrent.js";

/** Operators that are gone once shapes are known: no runtime, no kernel and no gradient rule knows them. */
export const expansions: Readonly<Record<string, LoweringRule>> = { ...attentionExpansions, ...fusedAttentionExpansions, AffineGrid: affineGrid, Col2Im: columnsToImage };

/** Forms of operators that are rewritten as soon as shapes are known, while other forms stay. */
export const canonicalForms: Readonly<Record<string, LoweringRule>> = { LSTM: sequenceFirst, GRU: sequenceFirst, RNN: sequenceFirst };

/** Operators that run as they are, and are taken apart where they are differentiated or where a runtime lacks them. */
export const plainForms: Readonly<Record<string, LoweringRule>> = { LSTM: unroll, GRU: unroll, RNN: unroll, GridSample: gridSampleByGather };

/** What every specialised graph goes through. */
export function expandComposites(graph: Graph): Graph {
  return expand(graph, { ...expansions, ...canonicalForms });
}
