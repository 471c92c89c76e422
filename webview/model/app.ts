/** @file The page of a model: its facts and labels, its layers and what they make of an image, and the form that describes it. */
import { modelFacts } from "../../src/protocol/modelFacts.js";
import type { ModelPageApi, ModelPageState } from "../../src/protocol/modelPage.js";
import type { LayerThumbnail } from "../../src/protocol/models.js";
import { breakable, el, setText } from "../element.js";
import { createProgress } from "../progress.js";
import { t, translate } from "../strings.js";
import { button } from "../ui.js";
import { createForm } from "./form.js";
import { createLayers } from "./layers.js";
import { createLabels, modelTables } from "./lists.js";

export interface ModelApp {
  /** Shows a whole state. */
  show(state: ModelPageState): void;
  addThumbnails(run: number, layers: readonly LayerThumbnail[]): void;
}

/** What the page asks of the host, without waiting. */
export type ModelAsk = <Name extends Exclude<keyof ModelPageApi, "ready">>(name: Name, args: Parameters<ModelPageApi[Name]>[0]) => void;

/** Builds the page in `root`. `keep` stores what must survive a reload. */
export function createModelApp(root: HTMLElement, ask: ModelAsk, keep: (state: ModelPageState) => void): ModelApp {
  const title = el("h1", { id: "title" });
  const progress = createProgress({ cancel: () => ask("cancel", {}), act: (action) => ask("act", { action }) });
  const use = button("use-model", t("Use this model"), "primary", () => ask("use", {}));
  const graph = button("show-graph", t("Show graph as text"), "secondary", () => ask("showGraph", {}));
  const describe = button("describe", t("Describe…"), "secondary", () => {
    ask("openForm", { isOpen: true });
    form.focus();
  });
  const facts = el("dl", { id: "model-facts" });
  const labels = createLabels();
  const labelsPart = el("section", { id: "labels-part" }, el("h2", {}, t("Labels")), labels.element);
  const tables = el("div", { id: "tables" });
  const form = createForm(ask);
  const layers = createLayers((name) => ask(name, {}));
  let shownTables = "";
  let wasOpen = false;

  root.classList.add("model");
  root.replaceChildren(
    el("header", {}, title, progress.progress, el("div", { class: "actions" }, describe, graph, use)), progress.bar, progress.failure,
    el("main", {}, el("div", { class: "side" }, el("section", {}, el("h2", {}, t("Facts")), facts), labelsPart), el("div", { class: "body" }, form.element, layers.element, tables)));

  function showFacts({ summary, card, path }: ModelPageState): void {
    const known = summary ? modelFacts(summary, card?.bytes, translate) : [];
    const rows = [...known.map(({ id, name, value, isLacking }) => ({ id: id as string, name, value, isLacking })), { id: "file", name: t("File"), value: path, isLacking: false }];
    const key = JSON.stringify(rows);
    if (facts.dataset["key"] === key) return;
    facts.dataset["key"] = key;
    facts.replaceChildren(...(summary ? rows.flatMap(({ id, name, value, isLacking }) => [el("dt", { "data-fact": id }, name), el("dd", { "data-lacking": isLacking }, ...breakable(value))]) : Array.from({ length: 6 }, () => el("div", { class: "skeleton row", "aria-hidden": "true" }))));
  }

  return {
    show: (state) => {
      const { summary, busy, failure } = state;
      setText(title, t("{name} · Model", { name: state.modelName }));
      title.title = state.path;
      progress.update(state);
      for (const one of [use, graph]) one.toggleAttribute("disabled", !summary);
      showFacts(state);
      facts.parentElement?.toggleAttribute("hidden", failure !== undefined && !summary);
      labelsPart.hidden = !summary?.labels;
      labels.update(summary?.labels ?? []);
      const key = JSON.stringify([summary?.attentionSites, summary?.unsupported, summary?.interpreted]);
      if (key !== shownTables) tables.replaceChildren(...(summary ? modelTables(summary) : []));
      shownTables = key;
      layers.update(state);
      form.update(state.form, busy === undefined);
      describe.hidden = state.form.isOpen;
      if (state.form.isOpen && !wasOpen && state.form.file) form.focus();
      wasOpen = state.form.isOpen && state.form.file !== undefined;
      root.dataset["state"] = failure ? "failed" : busy ? "loading" : summary ? "done" : "loading";
      root.dataset["thumbnails"] = state.thumbnails.busy ? "computing" : state.thumbnails.failure ? "failed" : state.image ? "done" : "none";
      root.setAttribute("aria-busy", String(busy !== undefined));
      keep(state);
    },
    addThumbnails: (run, made) => layers.add(run, made),
  };
}
