/** @file Attention over the picture: what the class token, or any patch, attends to; per head or made of all layers. */
import { overlaySvg } from "../../src/drawing/attention/overlaySvg.js";
import { onScale, scaleFor, type Scale } from "../../src/drawing/attention/scale.js";
import { headWeights, keysByWeight, largestWeight } from "../../src/drawing/attention/weights.js";
import type { Grid } from "../../src/drawing/heatmap.js";
import type { Region } from "../../src/protocol/api.js";
import { toBase64 } from "../../src/protocol/base64.js";
import { el } from "../element.js";
import { cellRegion, paint, type Heat } from "../heat.js";
import { createHeatmapView, type Pointed } from "../heatmapView.js";
import { t } from "../strings.js";
import { choiceField } from "../ui.js";
import { pixelCanvas } from "./canvas.js";
import { createKeysTable } from "./keysTable.js";
import { createSummaryMatrix, rowsOf, summaryNames } from "./matrixPart.js";
import { weightText } from "./numbers.js";
import { waiting, type AttentionPart, type Empty, type PartActions, type Shown, type Subject } from "./part.js";
import { patchValues, placeInWindow, planOf, sharedPlan, windowValues, type PatchPlan, type PatchQuery, type PatchValues } from "./patches.js";
import { remembered, type ShownMatrix } from "./shown.js";
import { theme } from "./theme.js";
import { patchText, type Label } from "./tokens.js";

/** What lies over the picture. */
interface Over {
  readonly plan: PatchPlan;
  readonly query: PatchQuery;
  readonly values: PatchValues;
  readonly name: string;
}


/** The part. `image` gives the picture's own bytes. */
export function createOverlayPart(actions: PartActions, image: () => { readonly bytes: Uint8Array; readonly mime: string } | undefined): AttentionPart {
  const view = createHeatmapView(point, actions.zoomed, { stage: "overlay-stage", map: "overlay" });
  const queries = choiceField("query", t("Query"), (value) => actions.choose(value === "mean" ? "mean" : Number(value)));
  const keys = createKeysTable("overlay-keys", t("Patch: row, column"), (patch) => view.mark(patch === undefined || !heat ? undefined : middleOf(cellRegion(heat, ...cellOf(patch)))));
  const field = el("div", { class: "fields query" }, el("label", { for: "query" }, t("Query")), queries.element);
  const table = el("div", { class: "tables" }, field, keys.element);
  const summaryMatrix = createSummaryMatrix();
  let heat: Heat | undefined;
  let over: Over | undefined;
  let pressed: { x: number; y: number } | undefined;
  let pointed: Pointed | undefined;

  const patches = remembered((weights: Grid, plan: PatchPlan, query: PatchQuery) => patchValues(weights, plan, query));
  const windowed = remembered(windowValues);
  const weigh = remembered(headWeights);
  const plan = remembered(planOf);
  const shared = remembered(sharedPlan);
  const heatFor = remembered((values: Grid, scale: Scale, x: number, y: number, width: number, height: number): Heat => ({
    // A window's query gives nothing to other windows.
    grid: { shape: values.shape, data: values.data.map((weight) => (Number.isNaN(weight) ? 0 : onScale(scale, weight))) },
    cells: [values.shape[0]!, values.shape[1]!], ends: [0, 1], signed: false, region: { x, y, width, height },
  }));
  const listFor = remembered((values: Grid, scale: Scale, query: string, grid: PatchPlan["grid"]): ShownMatrix => {
    const flat = { shape: [1, values.data.length], data: values.data };
    const columns = Array.from(values.data, (_, index): Label => ({ index, text: patchText(index, grid), special: false }));
    return { weights: flat, drawn: flat, rows: [{ index: 0, text: query, special: false }], columns, largest: largestWeight(values.data), least: 0, scale };
  });
  const mapUri = remembered((of: Heat, colors: Uint8Array) => {
    const { width, height, rgba } = paint(of, colors);
    return pixelCanvas(rgba, width, height).toDataURL("image/png");
  });
  const cellOf = (patch: number): [row: number, column: number] => [Math.floor(patch / (over?.plan.grid[1] ?? 1)), patch % (over?.plan.grid[1] ?? 1)];

  function patchAt({ x, y, cell }: Pointed): number | undefined {
    if (!heat || !over) return undefined;
    const [rows, columns] = over.plan.grid;
    const { region } = heat;
    const [row, column] = cell ? [cell.row, cell.column] : [Math.floor(((y - region.y) / region.height) * rows), Math.floor(((x - region.x) / region.width) * columns)];
    return row >= 0 && column >= 0 && row < rows && column < columns ? row * columns + column : undefined;
  }

  function point(at: Pointed | undefined): void {
    pointed = at;
    const patch = at && patchAt(at);
    if (patch === undefined || !over) return actions.read(undefined);
    const weight = over.values.values.data[patch] ?? NaN;
    const place = { row: cellOf(patch)[0] + 1, column: cellOf(patch)[1] + 1 };
    return actions.read(Number.isNaN(weight) ? t("row {row}, column {column}: outside of the query's window", place) : t("row {row}, column {column}: {weight}", { ...place, weight: weightText(weight) }));
  }

  function choosePatch(): void {
    const patch = pointed && patchAt(pointed);
    if (patch !== undefined && over) actions.choose(over.plan.prefix + patch);
  }

  view.canvas.addEventListener("pointerdown", (event) => (pressed = { x: event.clientX, y: event.clientY }));
  view.canvas.addEventListener("pointerup", (event) => {
    // A drag pans; only a click chooses.
    if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < 4) choosePatch();
    pressed = undefined;
  });
  view.canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choosePatch();
  });

  function overOf(subject: Subject): Over | { readonly empty: Empty } | undefined {
    const { summary, view: look, layer, layerIndex, weights, head } = subject;
    if (look.overlay !== "head") {
      const matrix = summaryMatrix(subject, look.overlay);
      const at = shared(summary);
      if (!matrix || "empty" in matrix) return matrix;
      if (!at) return { empty: unknownPlaces };
      const query = queryFor(look.query, at);
      return { plan: at, query, values: patches(matrix.weights, at, query), name: t(summaryNames[look.overlay]) };
    }
    const at = plan(layer);
    if (!at) return { empty: unknownPlaces };
    if (!weights) return undefined;
    const query = queryFor(look.query, at);
    const name = head === "mean" ? t("Layer {layer}, mean of its heads", { layer: layerIndex }) : t("Layer {layer}, head {head}", { layer: layerIndex, head });
    return { plan: at, query, name, values: layer.windows > 1 ? windowed(weights, head, at, query) : patches(weigh(weights, 0, head), at, query) };
  }
  const unknownPlaces: Empty = { text: t("Where this layer's tokens lie on the image is not known, so nothing can be laid over it. The heatmap shows the weights."), action: { text: t("Show the heatmap"), change: { view: "heatmap" } } };

  return {
    element: view.element, table,
    fit: view.fit, isZoomed: view.isZoomed,
    update: (subject): Shown => {
      const { summary, view: look, colors, picture, title } = subject;
      const found = overOf(subject);
      view.element.toggleAttribute("data-skeleton", !picture);
      over = found && "plan" in found ? found : undefined;
      field.hidden = !over;
      if (!over || !picture) {
        heat = undefined;
        view.update(picture, undefined, { colormap: look.colormap, opacity: look.opacity, smooth: look.smooth, wipe: 0 });
        keys.update(undefined, undefined);
        return found && "empty" in found ? { ...waiting, empty: found.empty } : waiting;
      }
      const { plan: at, query, values: { values, onPrefix }, name } = over;
      const scale = scaleFor(look.scale, largestWeight(values.data));
      // Windows know nothing of each other, so nothing lies between the values of two of them.
      const smooth = look.smooth && !isWindowed(at);
      const region = summary.region ?? { x: 0, y: 0, width: picture.width, height: picture.height };
      heat = heatFor(values, scale, region.x, region.y, region.width, region.height);
      const patch = typeof query === "number" && query >= at.prefix ? query - at.prefix : undefined;
      const frames = patch === undefined ? [] : [cellRegion(heat, ...cellOf(patch)), ...windowFrames(heat, at, patch)];
      const queryName = queryText(query, at, summary.tokens.map(({ token }) => token));
      view.canvas.setAttribute("aria-roledescription", t("heatmap"));
      view.canvas.setAttribute("aria-label", t("{name}: what {query} attends to on the image. Arrow keys read the patches, Enter makes one the query, plus and minus zoom, 0 fits.", { name, query: queryName }));
      view.update(picture, heat, { colormap: look.colormap, opacity: look.opacity, smooth, wipe: 0, frames });
      queries.set([
        ...Array.from({ length: at.prefix }, (_, i) => ({ value: String(i), text: queryText(i, at, summary.tokens.map(({ token }) => token)) })), { value: "mean", text: t("Mean of all queries") },
        ...(patch === undefined ? [] : [{ value: String(query), text: queryName }]),
      ], String(query));
      keys.update(listFor(values, scale, queryName, at.grid), 0);
      const hints = [
        ...(at.prefix > 0 && onPrefix > 0.0005 && look.overlay !== "relevance" ? [t("{share} of its attention stays on tokens that stand for no patch ({tokens}); it is not drawn.", { share: `${(100 * onPrefix).toFixed(1)} %`, tokens: summary.tokens.slice(0, at.prefix).map(({ token }) => token).join(", ") || at.prefix })] : []),
        ...(isWindowed(at) ? [patch === undefined ? t("Each window of this layer attends within itself; the map shows what its patches get on average.") : t("A patch of this layer attends within its window only, which is framed.")] : []),
      ];
      const shownHeat = heat;
      return {
        name, scale, hints, tips: [t("Click a patch to see what it attends to.")],
        drawing: () => {
          const preview = image();
          return {
            svg: overlaySvg({
              title: `${title} · ${name}`, caption: [t("What {query} attends to", { query: queryName }), ...hints].join(" · "), theme: theme().kind, colors, scale, region, frames,
              image: preview ? `data:${preview.mime};base64,${toBase64(preview.bytes)}` : "", map: mapUri(shownHeat, colors), size: picture, opacity: look.opacity, isSmooth: smooth,
            }),
            numbers: { what: name, query: queryName, grid: at.grid, weights: rowsOf(values), strongest: keysByWeight({ shape: [1, values.data.length], data: values.data }, 0).slice(0, 20).map(({ key, weight }) => ({ row: cellOf(key)[0], column: cellOf(key)[1], weight })) },
          };
        },
      };
    },
  };
}

/** The query that is drawn: the chosen one where this layer has it, else the first prefix token, else the mean of all. */
export function queryFor(query: number | "mean" | undefined, { prefix, grid }: Pick<PatchPlan, "prefix" | "grid">): PatchQuery {
  if (query === "mean") return query;
  if (query !== undefined && query < prefix + grid[0] * grid[1]) return query;
  return prefix > 0 ? 0 : "mean";
}

function queryText(query: PatchQuery, { prefix, grid }: PatchPlan, tokens: readonly string[]): string {
  if (query === "mean") return t("Mean of all queries");
  return query < prefix ? (tokens[query] ?? `[${query}]`) : t("patch {place}", { place: patchText(query - prefix, grid) });
}

/** The parts of the image that a patch's window covers: several where the windows are moved over the image's edge. */
function windowFrames(heat: Heat, plan: PatchPlan, patch: number): Region[] {
  if (!isWindowed(plan)) return [];
  const { window } = placeInWindow(plan, patch);
  const own = Array.from({ length: plan.grid[0] * plan.grid[1] }, (_, at) => at).filter((at) => placeInWindow(plan, at).window === window);
  const spans = (values: readonly number[]) => {
    const sorted = [...new Set(values)].toSorted((a, b) => a - b);
    const breaks = sorted.flatMap((value, i) => (i > 0 && value !== sorted[i - 1]! + 1 ? [i] : []));
    return [0, ...breaks].map((from, i) => sorted.slice(from, breaks[i] ?? sorted.length));
  };
  const [rows, columns] = [spans(own.map((at) => Math.floor(at / plan.grid[1]))), spans(own.map((at) => at % plan.grid[1]))];
  return rows.flatMap((down) => columns.map((across) => {
    const first = cellRegion(heat, down[0]!, across[0]!);
    return { x: first.x, y: first.y, width: first.width * across.length, height: first.height * down.length };
  }));
}

const isWindowed = ({ windows }: PatchPlan) => windows[0] * windows[1] > 1;
const middleOf = ({ x, y, width, height }: Region): Pointed => ({ x: Math.floor(x + width / 2), y: Math.floor(y + height / 2) });
