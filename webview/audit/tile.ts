/** @file One tile of a gallery: a picture, what the model says and what the label says. */
import type { AuditedImage } from "../../src/protocol/audit.js";
import { el, setText } from "../element.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";

/** What a tile says. */
export interface TileText {
  readonly file: string;
  /** First line: the answer, and its number at the right. */
  readonly answer: string;
  readonly number: string;
  /** Second line, with its mark. */
  readonly below: string;
  readonly mark: "right" | "wrong" | "none";
  /** The whole as one sentence. */
  readonly label: string;
}

export interface TileElement {
  readonly element: HTMLElement;
  /** Shows an item, or a place that waits for one. `address` is of its picture, `null` where there is none. */
  update(text: TileText | undefined, address: string | null | undefined): void;
}

const marks = { right: "✓", wrong: "✗", none: "" } as const;

/** A tile, made once and used for one image after the other. */
export function createTile(): TileElement {
  const picture = el("img", { alt: "", decoding: "async", draggable: "false", hidden: true });
  const [answer, number, mark, below] = [el("span", { class: "shot-answer" }), el("span", { class: "shot-number" }), el("span", { class: "shot-mark", "aria-hidden": "true" }), el("span", { class: "shot-below" })];
  const element = el("div", { class: "shot", role: "option" },
    el("div", { class: "shot-picture" }, picture),
    el("div", { class: "shot-line" }, answer, number), el("div", { class: "shot-line dim" }, mark, below));
  picture.addEventListener("error", () => (picture.hidden = true));
  let shownAddress: string | null | undefined;
  return {
    element,
    update: (text, address) => {
      element.toggleAttribute("data-waiting", address === undefined);
      element.toggleAttribute("data-missing", address === null);
      if (address !== shownAddress) {
        shownAddress = address;
        picture.hidden = !address;
        if (address) picture.src = address;
        else picture.removeAttribute("src");
      }
      setText(answer, text?.answer ?? "");
      setText(number, text?.number ?? "");
      setText(below, text?.below ?? "");
      setText(mark, text ? marks[text.mark] : "");
      element.dataset["outcome"] = text?.mark ?? "none";
      element.dataset["file"] = text?.file ?? "";
      element.title = text?.file ?? "";
      element.setAttribute("aria-label", text?.label ?? "");
    },
  };
}

/** The texts of an audited image. `nameOf` tells a class's name. */
export function imageText({ file, label, predicted, confidence }: AuditedImage, nameOf: (index: number) => string): TileText {
  const [answer, number] = [nameOf(predicted), numbers.percent(confidence)];
  const values = { file, predicted: answer, confidence: number, label: label < 0 ? "" : nameOf(label) };
  if (label < 0) return { file, answer, number, below: t("no label"), mark: "none", label: t("{file}: predicted {predicted} {confidence}, no label", values) };
  const isRight = label === predicted;
  return { file, answer, number, below: values.label, mark: isRight ? "right" : "wrong", label: isRight ? t("{file}: predicted {predicted} {confidence}, as labelled", values) : t("{file}: predicted {predicted} {confidence}, labelled {label}", values) };
}
