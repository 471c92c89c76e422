/** @file A row of maps: what made them, the maps, and below each group the one scale it is drawn on. */
import type { Region } from "../../src/protocol/api.js";
import type { DebugReport } from "../../src/protocol/debug.js";
import { el, setText } from "../element.js";
import type { HeatmapView, Picture, Pointed } from "../heatmapView.js";
import { createLegend, type LegendView } from "../legend.js";
import { t } from "../strings.js";
import type { ReportRow } from "./maps.js";
import { rowFacts, rowName, tileName } from "./names.js";
import { createTile, type TileActions, type TileView } from "./tile.js";
import type { DebugView } from "./view.js";

export interface RowContext {
  readonly report: DebugReport | undefined;
  readonly imageName: string;
  readonly picture: Picture | undefined;
  readonly view: DebugView;
  readonly frames: readonly Region[];
}

export interface RowView {
  readonly element: HTMLElement;
  readonly stages: readonly HeatmapView[];
  update(row: ReportRow, context: RowContext): void;
  read(at: Pointed | undefined, from: string | undefined): void;
}

/** A row with as many groups and tiles as `first` has: another shape is another row. */
export function createRow(first: ReportRow, actions: TileActions): RowView {
  const [name, facts] = [el("h2", { id: `row-${first.id}` }), el("span", { class: "hint" })];
  const tiles = new Map<string, TileView>();
  const groups = first.groups.map(({ tiles: shown }): { element: HTMLElement; legend: LegendView; note: HTMLElement } => {
    const made = shown.map(({ id }) => {
      const tile = createTile(id, actions);
      tiles.set(id, tile);
      return tile.element;
    });
    const legend = createLegend(`legend-${(shown[0]?.id ?? first.id).replace("/", "-")}`);
    const note = el("span", { class: "hint scale-note" });
    const element = el("div", { class: "group" }, ...made, el("div", { class: "group-scale" }, legend.element, note));
    element.style.setProperty("--tiles", String(shown.length));
    return { element, legend, note };
  });
  const element = el("section", { class: "map-row", "data-id": first.id, "aria-labelledby": name.id }, el("div", { class: "row-head" }, name, facts), el("div", { class: "groups" }, ...groups.map((group) => group.element)));
  element.style.setProperty("--columns", String(Math.max(3, tiles.size)));

  return {
    element, stages: [...tiles.values()].map(({ stage }) => stage),
    update: (row, { report, imageName, picture, view, frames }) => {
      setText(name, rowName(row));
      name.title = rowName(row);
      setText(facts, rowFacts(row));
      row.groups.forEach(({ tiles: shown }, i) => {
        for (const tile of shown) {
          const called = tileName(tile, report);
          const description = t("Map of {method} over {file}. Arrow keys read the values, plus and minus zoom, 0 fits.", { method: `${rowName(row)}, ${called}`, file: imageName });
          tiles.get(tile.id)?.update(tile, { name: called, description, picture, view, frames, isWaiting: !tile.heat || !picture });
        }
        const heat = shown[0]?.heat;
        groups[i]?.legend.update(heat, heat?.signed ? "diverging" : view.colormap);
        if (groups[i]) setText(groups[i].note, heat && shown.length > 1 ? t("one scale for all") : heat && row.groups.length > 1 ? t("own scale") : "");
      });
    },
    read: (at, from) => {
      for (const [id, tile] of tiles) {
        tile.read(at);
        tile.stage.mark(id === from ? undefined : at);
      }
    },
  };
}
