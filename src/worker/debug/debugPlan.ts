/** @file What a report will run, from what the map that takes longest will. */
import { attentionSites } from "../../engine/attribution/attentionSites.js";
import { workOf, type Plan } from "../../engine/attribution/estimate.js";
import type { Graph } from "../../engine/ir/graph.js";
import type { DebugRequest } from "../../protocol/debug.js";
import { mostImages } from "./folderFeatures.js";
import type { MapClasses } from "./debugMaps.js";

/** About as many changes are tried. */
const usualVariants = 30;

/** `map` is of one class; the other has its own. `graph` is specialised to the picture. Near files that are known already take nothing, so how many will be read is open. */
export function planOfReport({ work }: Plan, { among }: Pick<DebugRequest, "among">, classes: MapClasses, graph: Graph): Plan {
  const count = classes.true === undefined ? 1 : 2;
  const attention = attentionSites(graph).length > 0 ? [workOf(graph, "gradient", [count, count])] : [];
  const files = among === undefined ? 0 : mostImages;
  return { work: [...Array.from({ length: count }, () => work).flat(), ...attention, workOf(graph, "forward", [usualVariants, usualVariants + files])] };
}
