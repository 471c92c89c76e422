/** @file What people chose to explain, changed one choice at a time. Pure. */
import type { Chosen, Explanation, MethodId, MethodSummary, ParameterValue, PanelState, TargetSpec } from "../src/protocol/api.js";
import type { KeptParameters } from "../src/protocol/panelMemento.js";

type Catalogue = PanelState["catalogue"];

/** A method's summary; `undefined` until the worker told. */
export function summaryOf(catalogue: Catalogue, method: MethodId): MethodSummary | undefined {
  return catalogue?.find(({ id }) => id === method);
}

/** The parameters that differ from the method's own, so that equal choices are equal. Unknown ones, as of an older version, are dropped. */
export function changedParameters(summary: MethodSummary | undefined, given: Chosen["parameters"]): Record<string, ParameterValue> {
  if (!summary) return { ...given };
  const isChanged = ([name, value]: [string, ParameterValue]) => {
    const spec = summary.parameters[name];
    return spec !== undefined && spec.kind !== "tensor" && spec.default !== value;
  };
  return Object.fromEntries(Object.entries(given).filter(isChanged));
}

/** The choices after a change. Another method comes with the parameters it had last, and with no more layers than it can look at. */
export function changeChoice({ chosen, catalogue, explanation }: Pick<PanelState, "chosen" | "catalogue" | "explanation">, change: Partial<Chosen>, kept: KeptParameters): Chosen {
  const next = { ...chosen, ...change };
  const summary = summaryOf(catalogue, next.method);
  const given = change.parameters ?? (next.method === chosen.method ? chosen.parameters : (kept[next.method] ?? {}));
  const layer = typeof next.layer === "object" && summary?.layers !== "many" ? next.layer[0] : next.layer;
  return { ...next, parameters: changedParameters(summary, given), layer, versus: isSameClass(explanation, next.target, next.versus) ? undefined : next.versus };
}

/** Whether two ways to name a class mean the same one; where nothing is known of the classes, only equal words do. */
export function isSameClass(explanation: Explanation | undefined, target: TargetSpec, versus: TargetSpec | undefined): boolean {
  const index = (spec: TargetSpec | undefined) => (spec === "predicted" ? (explanation?.predictions[0]?.index ?? spec) : spec);
  return versus !== undefined && index(target) === index(versus);
}
