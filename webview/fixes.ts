/** @file What to change when a map shows nothing: one step per remark, taken by a button. Pure. */
import type { Chosen, FailureAction, Note, PanelState } from "../src/protocol/api.js";
import { summaryOf } from "./choices.js";
import { shortLayer } from "./state.js";
import { t } from "./strings.js";
import type { ViewState } from "./view.js";

/** A button: other choices, which compute, another view, which does not, or a step outside of the panel. */
export interface Fix {
  readonly text: string;
  readonly explain?: Partial<Chosen>;
  readonly draw?: Partial<ViewState>;
  readonly act?: FailureAction["id"];
}

type Shown = Pick<PanelState, "chosen" | "catalogue" | "explanation">;

const useLogit = ({ chosen }: Shown): Fix[] => (chosen.score === "logit" ? [] : [{ text: t("Explain the logit"), explain: { score: "logit" } }]);

/** The layer before the one that showed nothing: in transformers the last block's own outputs get no gradient from a class token. */
function earlierLayer({ explanation, catalogue, chosen }: Shown): Fix[] {
  if (!explanation?.layer || (summaryOf(catalogue, chosen.method)?.layers ?? "none") === "none") return [];
  const at = explanation.layers.findIndex(({ name }) => name === explanation.layer?.split(", ")[0]);
  const earlier = explanation.layers[at - 1];
  return earlier ? [{ text: t("Look at {layer}", { layer: shortLayer(earlier.name) }), explain: { layer: earlier.name } }] : [];
}

const predictedClass = ({ chosen, explanation }: Shown): Fix[] => {
  const best = explanation?.predictions[0];
  return !best || chosen.target === "predicted" || chosen.target === best.index ? [] : [{ text: t("Explain {class}", { class: best.label }), explain: { target: "predicted" } }];
};

const againstRunnerUp = ({ chosen }: Shown): Fix[] => (chosen.versus === undefined ? [{ text: t("Hold it against the likeliest other class"), explain: { versus: "runner-up" } }] : []);

/** The form that states what is missing. */
const describe = (): Fix[] => [{ text: t("Describe…"), act: "openSidecar" }];

const fixes: { readonly [Code in Note["code"]]?: (shown: Shown) => Fix[] } = {
  labelsMissing: describe,
  labelsMismatch: describe,
  defaultsUsed: describe,
  saturatedProbability: useLogit,
  zeroGradient: (shown) => [...useLogit(shown), ...earlierLayer(shown)],
  allNegativeCam: (shown) => [{ text: t("Show both signs"), draw: { gridValues: "signed", sign: "all" } }, ...predictedClass(shown), ...earlierLayer(shown)],
  blankMap: (shown) => [...useLogit(shown), ...earlierLayer(shown), ...againstRunnerUp(shown)],
  toleranceNotReached: ({ chosen }) => (chosen.parameters["baseline"] === "blur" ? [] : [{ text: t("Use a blurred baseline"), explain: { parameters: { ...chosen.parameters, baseline: "blur" } } }]),
};

/** The buttons of a remark, the likeliest help first. */
export function fixesOf(code: Note["code"], shown: Shown): Fix[] {
  return fixes[code]?.(shown) ?? [];
}
