/** @file One tile of a gallery: a picture, what the model says and what the label says. */
import type { AuditedImage } from "../../src/protocol/audit.js";
import { qualityTexts } from "../../src/protocol/debugTexts.js";
import { el, setText } from "../element.js";
import * as numbers from "../numbers.js";
import { t, translate } from "../strings.js";

/** What a tile says. */
export interface TileText {
  readonly file: string;
  /** Answers, each with its number at the right. */
  readonly answers: readonly { readonly text: string; readonly number: string }[];
  /** The line below them, with its mark and its number. */
  readonly below: string;
  readonly belowNumber: string;
  readonly mark: "right" | "wrong" | "none";
  /** The whole as one sentence, and what the pointer is told beside it. */
  readonly label: string;
  readonly tip: string;
}

export interface TileElement {
  readonly element: HTMLElement;
  /** Shows an item, or a place that waits for one. `address` is of its picture, `null` where there is none. */
  update(text: TileText | undefined, address: string | null | undefined): void;
}

const marks = { right: "✓", wrong: "✗", none: "" } as const;

/** A tile with room for so many answers, made once and used for one image after the other. */
export function createTile(answers: number): TileElement {
  const picture = el("img", { alt: "", decoding: "async", draggable: "false", hidden: true });
  const lines = Array.from({ length: answers }, () => ({ text: el("span", { class: "shot-answer" }), number: el("span", { class: "shot-number" }) }));
  const [mark, below] = [el("span", { class: "shot-mark", "aria-hidden": "true" }), el("span", { class: "shot-below" })];
  const belowNumber = el("span", { class: "shot-number" });
  const element = el("div", { class: "shot", role: "option" },
    el("div", { class: "shot-picture" }, picture),
    ...lines.map(({ text, number }) => el("div", { class: "shot-line" }, text, number)), el("div", { class: "shot-line dim" }, mark, below, belowNumber));
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
      lines.forEach((line, i) => {
        setText(line.text, text?.answers[i]?.text ?? "");
        setText(line.number, text?.answers[i]?.number ?? "");
      });
      setText(below, text?.below ?? "");
      setText(belowNumber, text?.belowNumber ?? "");
      setText(mark, text ? marks[text.mark] : "");
      element.dataset["outcome"] = text?.mark ?? "none";
      element.dataset["file"] = text?.file ?? "";
      element.title = text?.tip ?? "";
      element.setAttribute("aria-label", text?.label ?? "");
    },
  };
}

/** The texts of an audited image. `nameOf` tells a class's name. */
export function imageText({ file, label, predicted, confidence, trueProbability, flags }: AuditedImage, nameOf: (index: number) => string): TileText {
  const [answer, number] = [nameOf(predicted), numbers.percent(confidence)];
  const values = { file, predicted: answer, confidence: number, label: label < 0 ? "" : nameOf(label) };
  const tip = [file, ...flags.map((flag) => translate(qualityTexts[flag as keyof typeof qualityTexts] ?? flag))].join(" · ");
  const rest = { file, answers: [{ text: answer, number }], tip };
  if (label < 0) return { ...rest, below: t("no label"), belowNumber: "", mark: "none", label: t("{file}: predicted {predicted} {confidence}, no label", values) };
  if (label === predicted) return { ...rest, below: values.label, belowNumber: "", mark: "right", label: t("{file}: predicted {predicted} {confidence}, as labelled", values) };
  const probability = numbers.percent(trueProbability);
  return { ...rest, below: values.label, belowNumber: probability, mark: "wrong", label: t("{file}: predicted {predicted} {confidence}, labelled {label} {probability}", { ...values, probability }) };
}
