/** @file A text model fixed to a number of tokens, and cut at its embeddings. */
import { WhylightError } from "../../errors.js";
import { typeOf, type Graph } from "../../ir/graph.js";
import { graphAbove } from "../cams/aboveLayer.js";
import { isForSeveral, type Prepared } from "../prepare.js";
import { embeddingSites, type EmbeddingSites } from "./embeddingSites.js";
import { lastScores, withLastRow } from "./lastRow.js";
import { specializeText } from "./specializeText.js";
import type { TextModel } from "./textModel.js";
import { unsuitable } from "./textInputs.js";

/** At which of its embeddings a text is explained. */
export type Place = keyof EmbeddingSites;

/** A text model for texts of one length. Computed once per length. */
export interface PreparedText {
  readonly model: TextModel;
  readonly tokens: number;
  /** From one text's inputs (`feedsOf`) to `scores`. */
  readonly graph: Graph;
  /** The scores that are explained, `[batch, classes]`: of a language model those of the last token. */
  readonly scores: string;
  readonly classes: number;
  readonly sites: EmbeddingSites;
  /** The same for another number of texts; worked out once per number. */
  graphAt(batch: number): Graph;
  /** As many texts at once as wanted, or one where the file fixes their number or they would change each other. */
  atOnce(wanted: number): number;
  /** The part above a place: its inputs are the embeddings there and whatever else of the text it needs, such as the mask. */
  above(place: Place): Pick<Prepared, "graph" | "graphAt" | "atOnce">;
}

/** Throws `modelUnsuitable` when there are no scores to explain, or no embeddings. */
export function prepareText(model: TextModel, tokens: number): PreparedText {
  const { scores } = model;
  if (scores === undefined) throw unsuitable(model.without);
  const isNext = model.task === "next-token";
  const make = (batch: number) => {
    const graph = specializeText(model, batch, tokens, [scores]);
    return isNext ? withLastRow(graph, scores, tokens) : graph;
  };
  const explained = isNext ? lastScores : scores;
  const graph = make(1);
  const classes = typeOf(graph, explained).shape?.[1];
  if (typeof classes !== "number") throw new WhylightError("shapeUnknown", { op: "output", node: scores });
  const sites = embeddingSites(graph, model.ids, explained);
  const graphAt = once((batch) => (batch === 1 ? graph : make(batch)));
  let takesSeveral: boolean | undefined;
  const atOnce = (wanted: number) => (wanted > 1 && (takesSeveral ??= isForSeveral(() => graphAt(2), explained)) ? wanted : 1);
  const cut = (place: Place) => {
    const cutAt = once((batch) => {
      const whole = graphAt(batch);
      const above = graphAbove(whole, [sites[place], ...whole.inputs], explained);
      const read = new Set(above.nodes.flatMap(({ inputs }) => inputs));
      return { ...above, inputs: above.inputs.filter((input) => input === sites[place] || read.has(input)) };
    });
    return { graph: cutAt(1), graphAt: cutAt, atOnce };
  };
  const cuts = new Map<Place, ReturnType<typeof cut>>();
  const above = (place: Place) => {
    const made = cuts.get(place) ?? cut(place);
    cuts.set(place, made);
    return made;
  };
  return { model, tokens, graph, scores: explained, classes, sites, graphAt, atOnce, above };
}

function once<Result>(make: (key: number) => Result): (key: number) => Result {
  const made = new Map<number, Result>();
  return (key) => {
    const result = made.get(key) ?? make(key);
    made.set(key, result);
    return result;
  };
}
