/** @file The texts of exported pictures and pages, in English, each the key of its translation. */
import type { ErrorData } from "../engine/errors.js";

/** Translates an English text and fills in its facts. */
export type Translate = (english: string, data?: ErrorData) => string;

export const reportTexts = {
  language: "en",
  title: "Whylight: {model}",
  image: "Image",
  caution: "Each map highlights the pixels that the class's score depends on most, by the method named below it. It does not prove why the model decided.",
  textCaution: "Each word's colour and number say how strongly the class's score depends on it, by the method named above it: the sum over its tokens, divided by the L2 norm over all tokens. It does not prove why the model decided.",
  ownScale: "each map on its own scale",
  pictureTitle: "{method} for {target}",
  pictureTitleVersus: "{method} for {target} rather than {versus}",
  pictureDescription: "The map highlights what the score of the class depends on most, over the image {image}. Raw values on the scale run from {low} to {high}.",
  rawValue: "raw value",
  details: "Details",
  tokens: "Tokens",
  token: "Token",
  tokenId: "Id",
  share: "Share",
  method: "Method",
  library: "Defaults of",
  layer: "Layer",
  score: "Score",
  parameters: "Method parameters",
  facts: "Found out",
  time: "Time",
  evaluations: "Evaluations",
  evaluationCounts: "{forward} forward, {gradient} gradients",
  gap: "Completeness gap",
  gapOf: "{gap}, {share} of the score's difference",
  scale: "Scale",
  rather: "{target} rather than {versus}",
} as const;
