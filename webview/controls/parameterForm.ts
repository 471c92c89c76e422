/** @file The parameters of the chosen method, as fields made from its table. */
import type { ParameterSpec, ParameterTable, ParameterValue } from "../../src/engine/attribution/parameters.js";
import type { MethodSummary } from "../../src/protocol/api.js";
import { changedParameters } from "../choices.js";
import { el, setText } from "../element.js";
import { t } from "../strings.js";
import { button, checkField, choiceField } from "../ui.js";
import { fold, textField } from "./fields.js";
import { numberHint, readNumber } from "./numberParameter.js";

export interface ParameterFormView {
  readonly element: HTMLElement;
  /** Shows a method's parameters with what was given; hidden for a method without any. */
  update(summary: MethodSummary | undefined, given: Readonly<Record<string, ParameterValue>>): void;
}

interface Field {
  readonly element: HTMLElement;
  set(value: ParameterValue): void;
}
type Shown = Exclude<ParameterSpec, { kind: "tensor" }>;

/** The folded form. `change` is told all parameters that differ from the defaults, after each that is committed. Names are the command line's, so that a result can be made again there. */
export function createParameterForm(change: (parameters: Readonly<Record<string, ParameterValue>>) => void): ParameterFormView {
  const fields = el("div", { class: "fields parameters" });
  const reset = button("reset-parameters", t("Reset to defaults"), "secondary", () => change({}));
  const { element, summary: title } = fold("parameters", t("Parameters"), fields, reset);
  let method: MethodSummary | undefined;
  let given: Readonly<Record<string, ParameterValue>> = {};
  let made = new Map<string, { readonly field: Field; readonly spec: Shown }>();

  const take = (name: string, value: ParameterValue) => change(changedParameters(method, { ...given, [name]: value }));

  return {
    element,
    update: (summary, next) => {
      given = next;
      if (JSON.stringify([summary?.id, summary?.parameters]) !== JSON.stringify([method?.id, method?.parameters])) {
        made = new Map(shownParameters(summary?.parameters ?? {}).map(([name, spec]) => [name, { spec, field: fieldOf(name, spec, (value) => take(name, value)) }]));
        fields.replaceChildren(...[...made].flatMap(([name, { field }]) => [el("label", { for: `parameter-${name}` }, name), field.element]));
      }
      method = summary;
      element.hidden = made.size === 0;
      for (const [name, { field, spec }] of made) field.set(given[name] ?? spec.default);
      const changed = Object.keys(given).length;
      setText(title, changed === 0 ? t("Parameters") : t("Parameters ({count} changed)", { count: changed }));
      reset.toggleAttribute("disabled", changed === 0);
    },
  };
}

/** As people would write it; tensors are not shown. */
const shown = (value: ParameterValue) => (typeof value === "object" ? "" : String(value));

/** Tensors come from files, which the command line takes. */
function shownParameters(table: ParameterTable): [string, Shown][] {
  return Object.entries(table).flatMap(([name, spec]) => (spec.kind === "tensor" ? [] : [[name, spec] as [string, Shown]]));
}

const makers: { readonly [Kind in Shown["kind"]]: (id: string, name: string, spec: Extract<Shown, { kind: Kind }>, take: (value: ParameterValue) => void) => Field } = {
  number: (id, _, spec, take) => {
    const field = textField(id, numberHint(spec), spec.words ?? [], (typed) => {
      const value = readNumber(spec, typed);
      if (value !== undefined) take(value);
      return value !== undefined;
    });
    return { element: field.element, set: (value) => field.set(shown(value)) };
  },
  choice: (id, name, spec, take) => {
    const field = choiceField(id, name, take);
    return { element: field.element, set: (value) => field.set(spec.choices.map((choice) => ({ value: choice, text: choice })), shown(value)) };
  },
  list: (id, name, spec, take) => {
    let listed: readonly string[] = [];
    const boxes = spec.choices.map((choice) => ({ choice, box: checkField(`${id}-${choice}`, choice, (checked) => {
      const next = spec.choices.filter((other) => (other === choice ? checked : listed.includes(other)));
      // One at least stays; the box shows so at once.
      if (next.length === 0) return show();
      return take(next.join(","));
    }) }));
    const show = () => boxes.forEach(({ choice, box }) => box.set(listed.includes(choice)));
    return {
      element: el("div", { id, class: "checks", role: "group", "aria-label": name }, ...boxes.map(({ box }) => box.element)),
      set: (value) => {
        listed = shown(value).split(",");
        show();
      },
    };
  },
  flag: (id, name, _, take) => {
    const field = checkField(id, "", take);
    field.element.setAttribute("aria-label", name);
    return { element: field.element, set: (value) => field.set(value === true) };
  },
};

function fieldOf(name: string, spec: Shown, take: (value: ParameterValue) => void): Field {
  return (makers[spec.kind] as (id: string, name: string, spec: Shown, take: (value: ParameterValue) => void) => Field)(`parameter-${name}`, name, spec, take);
}
