/** @file The page of an audit: its numbers above, matrix and gallery beside each other, what stands out below; what runs, failed or is compared. */
import { auditFormats, type AuditApi, type AuditedImage, type AuditFormat, type AuditState, type AuditSummary, type ChangedPage, type ChangedRequest, type ImagesPage, type ImagesRequest, type ThumbnailRequest } from "../../src/protocol/audit.js";
import { el, setText } from "../element.js";
import { createMenu } from "../menu.js";
import { t, type Source } from "../strings.js";
import { button, checkField, choiceField } from "../ui.js";
import { createComparison } from "./comparison.js";
import type { ContextItem } from "./contextMenu.js";
import { createGallery, type GallerySource } from "./gallery.js";
import { createGalleryBar } from "./galleryBar.js";
import { createHeadline } from "./headline.js";
import { createLead } from "./lead.js";
import { createMatrixPart } from "./matrixPart.js";
import { runningText } from "./running.js";
import { createSections } from "./sections.js";
import { imageText } from "./tile.js";
import { firstImages, imageFilter, isFiltered, pressed, type AuditView } from "./view.js";

export interface AuditApp {
  /** Shows a whole state. */
  show(state: AuditState): void;
}

/** What the page asks of the host without waiting. */
export type AuditAsk = <Name extends Exclude<keyof AuditApi, "ready" | "images" | "thumbnail" | "changed">>(name: Name, args: Parameters<AuditApi[Name]>[0]) => void;

/** What the page stands in. */
export interface AuditSurroundings {
  readonly ask: AuditAsk;
  readonly images: (request: Omit<ImagesRequest, "audit">, signal: AbortSignal) => Promise<ImagesPage>;
  readonly changed: (request: Omit<ChangedRequest, "before" | "after">, signal: AbortSignal) => Promise<ChangedPage>;
  /** The address of a small picture. */
  readonly thumbnail: (request: Omit<ThumbnailRequest, "audit">, signal: AbortSignal) => Promise<string>;
  /** Stores what must survive a reload. */
  readonly keep: (view: AuditView) => void;
}

const formatNames: Readonly<Record<AuditFormat, Source>> = { html: "Page that opens anywhere (HTML)", markdown: "Text with pictures (Markdown)", json: "Numbers (JSON)" };

/** Builds the page in `root`. `isKept` says that the view was left before, rather than a page's first. */
export function createAuditApp(root: HTMLElement, initial: AuditView, isKept: boolean, { ask, images: fetchImages, changed, thumbnail, keep }: AuditSurroundings): AuditApp {
  let state: AuditState | undefined;
  let view = initial;
  let hasBegun = isKept;
  let shownList = "";
  let listOf: AuditSummary | undefined;
  let shownFailure = "";

  const title = el("h1", { id: "title" });
  const progressText = el("span", { id: "progress-text", role: "status" });
  const stop = button("stop", t("Stop"), "secondary", () => ask("cancel", {}));
  const resume = button("resume", t("Resume"), "primary", () => ask("resume", {}));
  const compare = choiceField("compare", t("Compare with another audit"), (value) => ask("compare", { before: value === "" ? undefined : value }));
  const endCompare = button("end-compare", t("End comparison"), "secondary", () => ask("compare", { before: undefined }));
  const save = createMenu("export", t("Export"), auditFormats.map((format) => ({ id: `export-${format}`, text: t(formatNames[format]), press: () => ask("export", { format }) })));
  const fill = el("div", { class: "fill" });
  const bar = el("div", { id: "progress-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  const failureText = el("p", {});
  const failureActions = el("div", { class: "actions" });
  const failure = el("div", { id: "failure", role: "alert", hidden: true }, failureText, failureActions);
  const headline = createHeadline();
  const lead = createLead(() => {
    draw({ section: "findings" });
    sections.element.scrollIntoView({ block: "start" });
  });
  const waiting = el("p", { id: "waiting", class: "hint" });
  const skeletons = el("div", { class: "halves", "aria-hidden": "true" }, el("div", { class: "skeleton" }), el("div", { class: "skeleton" }));

  const open = ({ file }: { readonly file: string }) => ask("open", { file, as: "report" });
  const items = ({ file }: { readonly file: string }): ContextItem[] => [
    { id: "open-report", text: t("Open the full report"), press: () => open({ file }) },
    { id: "open-image", text: t("Open the image"), press: () => ask("open", { file, as: "image" }) },
  ];
  const classItems = ({ file, label, predicted }: AuditedImage): ContextItem[] => [
    ...items({ file }),
    ...(label < 0 ? [] : [{ id: "filter-label", text: t("Only images labelled {label}", { label: nameOf(label) }), press: () => draw({ images: { label } }) }]),
    { id: "filter-predicted", text: t("Only images predicted {predicted}", { predicted: nameOf(predicted) }), press: () => draw({ images: { predicted } }) },
  ];
  const smallPicture: GallerySource<AuditedImage>["thumbnail"] = ({ file, hasMap }, side, signal) => thumbnail({ file, hasMap, side }, signal);
  const nameOf = (index: number) => state?.summary?.labels[index] ?? t("class {index}", { index });

  const matrix = createMatrixPart(draw, (chosen) => draw({ images: pressed(view.images, chosen) }));
  const galleryBar = createGalleryBar(draw);
  const emptyText = el("p", {});
  const emptyButton = button("show-all", "", "secondary", () => draw({ images: {} }));
  const empty = el("div", { id: "gallery-empty", class: "empty", hidden: true }, emptyText, emptyButton);
  const gallery = createGallery<AuditedImage>("gallery", t("Images. Arrow keys walk, Enter opens the full report."), {
    textOf: (image) => imageText(image, nameOf), answers: 1, open, items: classItems, thumbnail: smallPicture, counted: showCount,
  });
  const problems = checkField("show-problems", t("Mistakes in the Problems panel"), (on) => ask("showAs", { view: "problems", on }));
  const tests = checkField("show-tests", t("Mistakes in the Testing view"), (on) => ask("showAs", { view: "tests", on }));
  const shownAs = el("div", { id: "shown-as" }, problems.element, tests.element);
  const sections = createSections(draw, {
    filter: (finding) => {
      if (finding === undefined) draw({ images: { outcome: "wrong" } });
      else showImages({ images: { finding } });
    },
    showSection: (section) => draw({ section }), open: (file) => open({ file }),
    showUnsure: () => showImages({ images: {}, order: "entropy" }),
  }, (label) => showImages({ images: { label } }));
  const galleryHalf = el("section", { class: "half gallery-half" }, galleryBar.element, gallery.element, empty, shownAs);
  const halves = el("main", { class: "halves" }, matrix.element, galleryHalf);
  const comparison = createComparison({ open, items, thumbnail: smallPicture, draw, changed: (change) => (offset, count, signal) => changed({ change, offset, count }, signal) });

  root.classList.add("audit");
  root.replaceChildren(
    el("header", {}, title, el("div", { id: "progress" }, progressText, stop, resume), el("div", { class: "actions" }, compare.element, endCompare, save.element)),
    bar, failure, headline.element, lead.element, waiting, skeletons, halves, sections.element, comparison.element);

  function draw(change: Partial<AuditView>): void {
    view = { ...view, ...change };
    render();
  }

  /** For what is pressed below the gallery: people should see what changed. */
  function showImages(change: Partial<AuditView>): void {
    draw(change);
    galleryHalf.scrollIntoView({ block: "nearest" });
  }

  function showCount(total: number | undefined, hasFailed: boolean): void {
    galleryBar.count(total);
    const { summary } = state ?? {};
    empty.hidden = !hasFailed && total !== 0;
    gallery.element.hidden = !empty.hidden;
    if (empty.hidden || !summary) return;
    const onlyMistakes = view.images.outcome === "wrong" && !isFiltered({ ...view.images, outcome: undefined });
    setText(emptyText, hasFailed ? t("The images of this audit cannot be read.")
      : summary.images === 0 ? t("This audit holds no images.")
        : onlyMistakes ? t("No mistakes among the {count} labelled images.", { count: summary.labelled.toLocaleString("en") }) : t("No image fits these filters."));
    setText(emptyButton, hasFailed ? t("Try again") : t("Show all images"));
    emptyButton.hidden = summary.images === 0;
  }

  /** Asks for the list again when other images are wanted, or the audit went on. */
  function updateGallery(summary: AuditSummary): void {
    const filter = imageFilter(view.images, summary);
    const { order } = view;
    const list = JSON.stringify([filter, order]);
    if (list === shownList && summary === listOf) return;
    [shownList, listOf] = [list, summary];
    gallery.restart((offset, count, signal) => fetchImages({ filter, order, offset, count }, signal));
  }

  function render(): void {
    if (!state) return;
    const { summary, busy, failure: failed, isPaused, modelName, folderName, others } = state;
    const compared = state.comparison;
    root.dataset["state"] = busy ? "running" : failed && !summary ? "failed" : isPaused ? "paused" : summary ? "done" : failed ? "failed" : "loading";
    root.setAttribute("aria-busy", String(busy !== undefined));
    const text = [folderName, modelName.replace(/\.onnx$/i, ""), t("Audit")].filter((part) => part !== "").join(" · ");
    setText(title, text);
    title.title = text;
    showProgress(state);
    showFailure(state);
    headline.update(state);
    lead.update(compared ? undefined : summary);
    const hasResults = summary !== undefined;
    waiting.hidden = hasResults || failed !== undefined;
    skeletons.hidden = waiting.hidden;
    setText(waiting, busy ? t("Matrix, images and findings come when the audit has finished or is stopped. What is done is kept.") : "");
    compare.element.hidden = !hasResults || others.length === 0 || busy !== undefined;
    compare.set([{ value: "", text: t("Compare with…") }, ...others.map(({ folder, name }) => ({ value: folder, text: name }))], compared ? (others.find(({ folder }) => folder === compared.before.folder)?.folder ?? "") : "");
    endCompare.hidden = !compared;
    save.element.hidden = !hasResults;
    save.setDisabled(busy !== undefined);
    halves.hidden = !hasResults || compared !== undefined;
    sections.element.hidden = halves.hidden;
    comparison.element.hidden = !compared;
    if (compared) comparison.update(compared, view);
    if (summary && !compared) {
      matrix.update(summary, view);
      galleryBar.update(view, summary);
      gallery.setMaps(view.hasMaps);
      updateGallery(summary);
      sections.update(summary, view);
      shownAs.hidden = summary.labelled === 0;
      problems.set(state.shownAs.problems);
      tests.set(state.shownAs.tests);
    }
    keep(view);
  }

  function showProgress({ busy, isPaused, summary, failure: failed }: AuditState): void {
    setText(progressText, busy ? runningText(busy) : isPaused && summary ? t("Stopped after {count} images", { count: (summary.images + summary.failedCount).toLocaleString("en") }) : "");
    bar.hidden = busy === undefined;
    const { done, total } = busy ? (busy.tests ?? { done: busy.images, total: busy.total }) : { done: 0, total: 0 };
    const isKnown = total > 0;
    bar.toggleAttribute("data-known", isKnown);
    const share = isKnown ? Math.round((100 * done) / total) : 0;
    fill.style.width = isKnown ? `${share}%` : "";
    if (isKnown) bar.setAttribute("aria-valuenow", String(share));
    else bar.removeAttribute("aria-valuenow");
    bar.setAttribute("aria-label", busy?.text ?? "");
    stop.hidden = busy === undefined;
    resume.hidden = busy !== undefined || !isPaused || (failed !== undefined && !summary);
  }

  function showFailure({ failure: failed }: AuditState): void {
    failure.hidden = failed === undefined;
    // Of a stopped audit, trying again is going on, which has its button above.
    const actions = failed?.actions.filter(({ id }) => id !== "retry" || resume.hidden) ?? [];
    const key = JSON.stringify([failed, actions]);
    if (!failed || key === shownFailure) return;
    shownFailure = key;
    setText(failureText, failed.text);
    failure.dataset["code"] = failed.code;
    failureActions.replaceChildren(...actions.map(({ id, title: name }, i) => button(`action-${id}`, name, i === 0 && resume.hidden ? "primary" : "secondary", () => ask("act", { action: id }))));
  }

  return {
    show: (next) => {
      // Every message is a copy: what is the same audit keeps its identity, and is not built again.
      const [known, sent] = [state?.summary, next.summary];
      const summary = known && sent && isSameSummary(known, sent) ? known : sent;
      const comparing = state?.comparison && next.comparison && JSON.stringify(state.comparison) === JSON.stringify(next.comparison) ? state.comparison : next.comparison;
      state = { ...next, summary, comparison: comparing };
      if (summary && !hasBegun) {
        hasBegun = true;
        view = { ...view, ...firstImages(summary) };
      }
      render();
    },
  };
}

/** An audit only grows, and each run and each end has its own time. */
function isSameSummary(a: AuditSummary, b: AuditSummary): boolean {
  return (["started", "finished", "seconds", "images", "failedCount", "mistakes", "folder"] as const).every((name) => a[name] === b[name]);
}
