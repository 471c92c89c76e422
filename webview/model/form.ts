/** @file The form that states a model's labels and preprocessing. */
import type { Preprocess } from "../../src/engine/preprocess/description.js";
import { originText } from "../../src/protocol/modelFacts.js";
import type { ModelPageApi, ModelPageState } from "../../src/protocol/modelPage.js";
import { row, textField } from "../controls/fields.js";
import { el, setText } from "../element.js";
import { t, translate, type Source } from "../strings.js";
import { button, checkField, choiceField } from "../ui.js";
import { draftOf, isRight, presetOf, presets, statedBy, type Draft, type NumberField, type Preset } from "./draft.js";

export interface FormView {
  readonly element: HTMLElement;
  update(form: ModelPageState["form"], canWrite: boolean): void;
  focus(): void;
}

/** What the form asks of the host. */
export type FormAsk = <Name extends "chooseLabels" | "describe" | "editFile" | "openForm">(name: Name, args: Parameters<ModelPageApi[Name]>[0]) => void;

const presetNames: Readonly<Record<Preset, Source>> = { imagenet: "ImageNet: mean and deviation of its colours", signed: "From -1 to 1", unit: "From 0 to 1", bytes: "From 0 to 255", clip: "CLIP" };
const resizeNames: Readonly<Record<Preprocess["resize"], Source>> = { "shortest-side": "Shorter side, keeping the aspect ratio", exact: "To exactly this size", none: "Not at all" };
const interpolationNames: Readonly<Record<Preprocess["interpolation"], Source>> = { nearest: "nearest", bilinear: "bilinear", bicubic: "bicubic", lanczos: "lanczos" };
const channelNames: Readonly<Record<Preprocess["channels"], Source>> = { rgb: "RGB", bgr: "BGR", gray: "grey" };
const hints: Readonly<Record<NumberField, Source>> = {
  size: "one number, or height × width", crop: "one number, height × width, or nothing", scale: "a number, or a fraction such as 1/255", mean: "one number, or one per channel", std: "one number, or one per channel",
};
const custom = "custom";

/** The form. What is typed stays until the file changes. */
export function createForm(ask: FormAsk): FormView {
  let draft: Draft | undefined;
  let shown = "";
  let [choice, classes]: [number, number | undefined] = [0, undefined];
  let canWrite = true;
  const wrong = new Set<NumberField>();

  const change = (to: Partial<Draft>) => {
    if (!draft) return;
    draft = { ...draft, ...to };
    show();
  };
  const choices = <Value extends string>(names: Readonly<Record<Value, Source>>) => (Object.keys(names) as Value[]).map((value) => ({ value, text: t(names[value]) }));
  const numbers = (field: NumberField) => textField(`form-${field}`, t(hints[field]), [], (typed) => {
    const right = isRight(field, typed);
    wrong[right ? "delete" : "add"](field);
    change(right ? { [field]: typed } : {});
    return right;
  });

  const writesLabels = checkField("form-writes-labels", t("Write labels"), (checked) => change({ writesLabels: checked }));
  const labels = el("textarea", { id: "form-labels", class: "text", rows: 10, spellcheck: "false", "aria-describedby": "form-labels-count", "aria-label": t("One label per line, in the order of the model's output"), placeholder: t("One label per line, in the order of the model's output") });
  labels.addEventListener("input", () => change({ labels: labels.value }));
  const count = el("output", { id: "form-labels-count", class: "hint" });
  const labelsFrom = el("span", { class: "hint" });
  const writesPreprocess = checkField("form-writes-preprocess", t("Write preprocessing"), (checked) => change({ writesPreprocess: checked }));
  const preprocessFrom = el("span", { class: "hint" });
  const preset = choiceField("form-preset", t("Values"), (value) => {
    if (value === custom) return;
    for (const field of ["scale", "mean", "std"] as const) wrong.delete(field);
    change(presets[value as Preset]);
  });
  const resize = choiceField("form-resize", t("Resize"), (value) => change({ resize: value as Preprocess["resize"] }));
  const interpolation = choiceField("form-interpolation", t("Interpolation"), (value) => change({ interpolation: value as Preprocess["interpolation"] }));
  const channels = choiceField("form-channels", t("Channels"), (value) => change({ channels: value as Preprocess["channels"] }));
  const [size, crop, scale, mean, std] = (["size", "crop", "scale", "mean", "std"] as const).map(numbers) as [ReturnType<typeof numbers>, ReturnType<typeof numbers>, ReturnType<typeof numbers>, ReturnType<typeof numbers>, ReturnType<typeof numbers>];

  const notes = el("ul", { id: "form-notes", class: "remarks" });
  const problem = el("p", { id: "form-problem", role: "alert", hidden: true });
  const saved = el("p", { id: "form-saved", role: "status" });
  const write = button("form-write", "", "primary", () => {
    const stated = draft && wrong.size === 0 ? statedBy(draft) : undefined;
    if (stated) ask("describe", stated);
  });
  const labelsPart = el("fieldset", { class: "part" }, el("div", { class: "part-head" }, writesLabels.element, labelsFrom), labels, el("div", { class: "part-foot" }, count, button("form-labels-file", t("Labels from a file…"), "secondary", () => ask("chooseLabels", {}))));
  const preprocessPart = el("fieldset", { class: "part" }, el("div", { class: "part-head" }, writesPreprocess.element, preprocessFrom), el("div", { class: "fields" },
    ...row("Resize", resize.element), ...row("Size", size.element, undefined, "form-size"), ...row("Crop", crop.element, undefined, "form-crop"), ...row("Interpolation", interpolation.element), ...row("Channels", channels.element),
    ...row("Values", preset.element), ...row("Scale", scale.element, undefined, "form-scale"), ...row("Mean per channel", mean.element, undefined, "form-mean"), ...row("Deviation per channel", std.element, undefined, "form-std")));
  const element = el("section", { id: "form", hidden: true }, el("h2", { id: "form-heading", tabindex: -1 }, t("Labels and preprocessing")), notes, el("div", { class: "parts" }, labelsPart, preprocessPart),
    el("div", { class: "actions" }, write, button("form-edit", t("Edit as text"), "secondary", () => ask("editFile", {})), button("form-close", t("Close the form"), "secondary", () => ask("openForm", { isOpen: false }))), problem, saved);

  function show(): void {
    if (!draft) return;
    writesLabels.set(draft.writesLabels);
    writesPreprocess.set(draft.writesPreprocess);
    if (labels.value !== draft.labels) labels.value = draft.labels;
    const lines = draft.labels.trim() === "" ? 0 : draft.labels.trimEnd().split("\n").length;
    const fits = classes === undefined || classes === lines;
    setText(count, fits ? t("{count} labels", { count: lines }) : t("{count} labels, the model has {classes} classes", { count: lines, classes: classes ?? 0 }));
    count.toggleAttribute("data-wrong", !fits && lines > 0);
    labelsPart.toggleAttribute("data-off", !draft.writesLabels);
    preprocessPart.toggleAttribute("data-off", !draft.writesPreprocess);
    resize.set(choices(resizeNames), draft.resize);
    interpolation.set(choices(interpolationNames), draft.interpolation);
    channels.set(choices(channelNames), draft.channels);
    preset.set([...choices(presetNames), { value: custom, text: t("Custom") }], presetOf(draft) ?? custom);
    for (const [field, view] of [["size", size], ["crop", crop], ["scale", scale], ["mean", mean], ["std", std]] as const) if (!wrong.has(field)) view.set(draft[field]);
    write.toggleAttribute("disabled", !canWrite || (!draft.writesLabels && !draft.writesPreprocess) || (draft.writesPreprocess && wrong.size > 0));
  }

  return {
    element,
    update: (form, mayWrite) => {
      canWrite = mayWrite;
      element.hidden = !form.isOpen;
      const { file } = form;
      labelsPart.hidden = file?.classes === undefined && file?.description?.labels === undefined && file?.problem === undefined;
      preprocessPart.hidden = file?.channels === undefined;
      if (file) {
        const key = JSON.stringify([file.text, file.description, file.problem]);
        if (key !== shown) {
          [shown, draft, classes] = [key, draftOf(file), file.classes];
          wrong.clear();
        }
        const { description } = file;
        setText(labelsFrom, description?.labelsOrigin === undefined || description.labelsOrigin === "defaults" ? t("Now none") : t("Now from {origin}", { origin: originText(description.labelsOrigin, translate) }));
        setText(preprocessFrom, description === undefined || description.preprocessOrigin === "defaults" ? t("Now by default") : t("Now from {origin}", { origin: originText(description.preprocessOrigin, translate) }));
        setText(write, t("Write {file}", { file: nameOf(file.file) }));
      }
      if (form.chosenLabels && form.chosenLabels.choice !== choice) {
        choice = form.chosenLabels.choice;
        change({ labels: form.chosenLabels.labels.join("\n"), writesLabels: true });
      }
      const said = form.notes.join("\n");
      if (notes.dataset["text"] !== said) notes.replaceChildren(...form.notes.map((note) => el("li", {}, note)));
      notes.dataset["text"] = said;
      notes.hidden = form.notes.length === 0;
      problem.hidden = form.problem === undefined;
      setText(problem, form.problem ?? "");
      setText(saved, form.saved === undefined ? "" : t("Written: {file}", { file: nameOf(form.saved) }));
      show();
    },
    focus: () => {
      element.scrollIntoView({ block: "start" });
      element.querySelector<HTMLElement>("#form-heading")?.focus({ preventScroll: true });
    },
  };
}

function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
