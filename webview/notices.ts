/** @file What is going on and what went wrong: a progress line, remarks beside a result, a failure with its next steps. */
import type { Chosen, FailureAction, PanelState } from "../src/protocol/api.js";
import { el, setText } from "./element.js";
import { fixesOf } from "./fixes.js";
import { t } from "./strings.js";
import { button } from "./ui.js";
import type { ViewState } from "./view.js";

/** What the buttons do. */
export interface NoticeActions {
  cancel(): void;
  act(action: FailureAction["id"]): void;
  explain(change: Partial<Chosen>): void;
  draw(change: Partial<ViewState>): void;
}

export interface NoticesView {
  /** A thin bar that keeps its place whether anything runs or not. */
  readonly bar: HTMLElement;
  /** What is going on, in words, with a way to stop it. */
  readonly progress: HTMLElement;
  readonly failure: HTMLElement;
  readonly notes: HTMLElement;
  update(state: PanelState): void;
}

/** The bar above the picture, the words beside the title, a failure below the picture, and remarks where they move nothing. */
export function createNotices({ cancel, act, explain, draw }: NoticeActions): NoticesView {
  const fill = el("div", { class: "fill" });
  const bar = el("div", { id: "progress-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  const text = el("span", { id: "progress-text", role: "status" });
  const cancelButton = button("cancel", t("Cancel"), "secondary", cancel);
  const progress = el("div", { id: "progress" }, text, cancelButton);
  const failureText = el("p", {});
  const failureActions = el("div", { class: "actions" });
  const failure = el("div", { id: "failure", role: "alert", hidden: true }, failureText, failureActions);
  const notes = el("ul", { id: "notes", hidden: true });
  let shownActions = "";
  let shownNotes = "";

  const noteItem = ({ code, text: sentence }: PanelState["notes"][number], state: PanelState): HTMLElement => {
    const buttons = fixesOf(code, state).map((fix, i) => button(`fix-${code}-${i}`, fix.text, "secondary", () => {
      if (fix.draw) draw(fix.draw);
      if (fix.explain) explain(fix.explain);
    }));
    return el("li", {}, sentence, ...(buttons.length > 0 ? [el("div", { class: "actions" }, ...buttons)] : []));
  };

  return {
    bar, progress, failure, notes,
    update: (state) => {
      const { busy } = state;
      progress.toggleAttribute("data-busy", busy !== undefined);
      const known = busy !== undefined && busy.total > 0;
      bar.toggleAttribute("data-known", known);
      if (known) {
        const share = Math.round((100 * busy.done) / busy.total);
        fill.style.width = `${share}%`;
        bar.setAttribute("aria-valuenow", String(share));
      } else {
        fill.style.width = "";
        bar.removeAttribute("aria-valuenow");
      }
      bar.setAttribute("aria-label", busy?.text ?? "");
      bar.toggleAttribute("hidden", busy === undefined);
      setText(text, busy ? [busy.text, ...(known && busy.total > 1 ? [t("{done} of {total}", { done: busy.done, total: busy.total })] : [])].join(" · ") : "");
      cancelButton.hidden = busy === undefined;

      failure.hidden = state.failure === undefined;
      if (state.failure) {
        setText(failureText, state.failure.text);
        failure.dataset["code"] = state.failure.code;
        const key = JSON.stringify(state.failure.actions);
        if (key !== shownActions) failureActions.replaceChildren(...state.failure.actions.map(({ id, title }, i) => button(`action-${id}`, title, i === 0 ? "primary" : "secondary", () => act(id))));
        shownActions = key;
      }
      notes.hidden = state.notes.length === 0 || state.failure !== undefined;
      const key = JSON.stringify([state.notes, state.chosen, state.explanation?.layer]);
      if (key !== shownNotes) notes.replaceChildren(...state.notes.map((note) => noteItem(note, state)));
      shownNotes = key;
    },
  };
}
