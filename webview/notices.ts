/** @file What is going on and what went wrong, and remarks beside a result with what mends them. */
import type { Chosen, PanelState } from "../src/protocol/api.js";
import { el } from "./element.js";
import { fixesOf } from "./fixes.js";
import { createProgress, type ProgressActions, type ProgressView } from "./progress.js";
import { button } from "./ui.js";
import type { ViewState } from "./view.js";

/** What the buttons do. */
export interface NoticeActions extends ProgressActions {
  explain(change: Partial<Chosen>): void;
  draw(change: Partial<ViewState>): void;
}

export interface NoticesView extends Omit<ProgressView, "update"> {
  readonly notes: HTMLElement;
  update(state: PanelState): void;
}

/** The bar above the picture, the words beside the title, a failure below the picture, and remarks where they move nothing. */
export function createNotices({ explain, draw, ...actions }: NoticeActions): NoticesView {
  const { update: updateProgress, ...parts } = createProgress(actions);
  const notes = el("ul", { id: "notes", hidden: true });
  let shownNotes = "";

  const noteItem = ({ code, text: sentence }: PanelState["notes"][number], state: PanelState): HTMLElement => {
    const buttons = fixesOf(code, state).map((fix, i) => button(`fix-${code}-${i}`, fix.text, "secondary", () => {
      if (fix.draw) draw(fix.draw);
      if (fix.explain) explain(fix.explain);
      if (fix.act) actions.act(fix.act);
    }));
    return el("li", {}, sentence, ...(buttons.length > 0 ? [el("div", { class: "actions" }, ...buttons)] : []));
  };

  return {
    ...parts, notes,
    update: (state) => {
      updateProgress(state);
      notes.hidden = state.notes.length === 0 || state.failure !== undefined;
      const key = JSON.stringify([state.notes, state.chosen, state.explanation?.layer]);
      if (key !== shownNotes) notes.replaceChildren(...state.notes.map((note) => noteItem(note, state)));
      shownNotes = key;
    },
  };
}
