/** @file What is going on, with a way to stop it, and what went wrong, with its next steps: on every page alike. */
import type { FailureAction, PanelState } from "../src/protocol/api.js";
import { el, setText } from "./element.js";
import { t } from "./strings.js";
import { button } from "./ui.js";

/** What the buttons do. */
export interface ProgressActions {
  cancel(): void;
  act(action: FailureAction["id"]): void;
}

export interface ProgressView {
  /** A thin bar that keeps its place whether anything runs or not. */
  readonly bar: HTMLElement;
  /** What is going on, in words, with a way to stop it. */
  readonly progress: HTMLElement;
  readonly failure: HTMLElement;
  update(state: Pick<PanelState, "busy" | "failure">): void;
}

/** The bar above the picture, the words beside the title, a failure below the picture. */
export function createProgress({ cancel, act }: ProgressActions): ProgressView {
  const fill = el("div", { class: "fill" });
  const bar = el("div", { id: "progress-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  const text = el("span", { id: "progress-text", role: "status" });
  const cancelButton = button("cancel", t("Cancel"), "secondary", cancel);
  const progress = el("div", { id: "progress" }, text, cancelButton);
  const failureText = el("p", {});
  const failureActions = el("div", { class: "actions" });
  const failure = el("div", { id: "failure", role: "alert", hidden: true }, failureText, failureActions);
  let shownActions = "";

  return {
    bar, progress, failure,
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
      const words = busy ? [busy.text, ...(known && busy.total > 1 ? [t("{done} of {total}", { done: busy.done, total: busy.total })] : [])].join(" · ") : "";
      setText(text, words);
      // In a narrow editor its end is cut off.
      text.title = words;
      cancelButton.hidden = busy === undefined;

      failure.hidden = state.failure === undefined;
      if (!state.failure) return;
      setText(failureText, state.failure.text);
      failure.dataset["code"] = state.failure.code;
      const key = JSON.stringify(state.failure.actions);
      if (key !== shownActions) failureActions.replaceChildren(...state.failure.actions.map(({ id, title }, i) => button(`action-${id}`, title, i === 0 ? "primary" : "secondary", () => act(id))));
      shownActions = key;
    },
  };
}
