/** @file Suspected labels as the nearest images by the model's own features see them. */
import { nearestTo } from "../debug/neighbours.js";
import type { FactTable } from "./factTable.js";
import type { LabelSuspect } from "./labelErrors.js";
import type { Sample } from "./sample.js";
import type { Suspect } from "./summary.js";

/** Nearest images that are asked for their labels. */
const asked = 10;
/** Suspects that are looked at: beyond them the model is hardly sure. */
const lookedAt = 500;

/**
 * The first `limit` suspects whose nearest images bear the class they look like more often than the label they have, or whose features are not among those kept. Queries are looked for in all `samples`;
 * neighbours are of the last one, a sample of all labelled images.
 */
export function neighbourVote(suspects: readonly LabelSuspect[], facts: FactTable, samples: readonly Sample[], limit: number): Suspect[] {
  const rows = new Map(samples.flatMap((sample) => Array.from({ length: sample.size }, (_, slot) => [sample.image(slot), sample.row(slot)] as const)));
  const all = samples.at(-1)!;
  const candidates = Array.from({ length: all.size }, (_, slot) => all.row(slot));
  const found: Suspect[] = [];
  for (const { image, likely, labelProbability, likelyProbability } of suspects.slice(0, lookedAt)) {
    if (found.length === limit) break;
    const { file, label } = facts.at(image);
    const query = rows.get(image);
    // One more than asked, since it finds itself.
    const near = query && nearestTo(query, candidates, asked + 1).map(({ index }) => all.image(index)).filter((other) => other !== image).slice(0, asked).map((other) => facts.at(other).label);
    const agree = near?.filter((other) => other === likely).length ?? 0;
    if (near && agree <= near.filter((other) => other === label).length) continue;
    found.push({ file, label, likely, labelProbability, likelyProbability, neighbours: near ? { agree, of: near.length } : null });
  }
  return found;
}
