/** @file The lines of the method picker. Pure. */
import { methodIds, type MethodId, type PanelState } from "../../src/protocol/api.js";
import { methodLabel } from "../state.js";
import { t, type Source } from "../strings.js";
import type { Choice } from "../ui.js";

const familyNames: Readonly<Record<"gradient" | "cam" | "perturbation", Source>> = { gradient: "Gradients", cam: "Class activation maps", perturbation: "Perturbations" };

/** The methods under the headings of their families; a plain list until the worker told the families. */
export function methodChoices(catalogue: PanelState["catalogue"]): Choice[] {
  const choice = (id: MethodId): Choice => ({ value: id, text: methodLabel(id) });
  if (!catalogue) return methodIds.map(choice);
  const families = [...new Set(catalogue.map(({ family }) => family))];
  return families.flatMap((family) => [{ value: `family ${family}`, text: t(familyNames[family]), isHeading: true }, ...catalogue.filter((summary) => summary.family === family).map(({ id }) => choice(id))]);
}
