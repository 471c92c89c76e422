/** @file What a check asked and found, in words. */
import { stripVTControlCharacters } from "node:util";
import { placeTexts } from "../protocol/debugTexts.js";
import { errorTexts } from "../protocol/errorTexts.js";
import type { CheckRow } from "../worker/check/checkRow.js";
import type { Limits } from "../worker/check/checkSpec.js";
import { percent, type Terminal } from "./terminal.js";

export interface CheckTexts {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
}

type Translate = Terminal["translate"];

/** The three texts of a row. */
export function checkTexts(row: CheckRow, translate: Translate): CheckTexts {
  const texts = { what: whatOf(row, translate), wanted: wantedOf(row, translate), found: row.failure ? failureText(row.failure, translate) : foundOf(row, translate) };
  return { what: plain(texts.what), wanted: plain(texts.wanted), found: plain(texts.found) };
}

function whatOf(row: CheckRow, translate: Translate): string {
  switch (row.kind) {
    case "predicts": return translate("answer");
    case "probability": return translate("probability of {class}", { class: row.class });
    case "focus": return translate("share of the map of {class} ({method}) in {area}", { class: row.class, method: row.method, area: row.area });
    case "accuracy": return row.class === null ? translate("accuracy") : translate("recall of {class}", { class: row.class });
    case "noShortcuts": return translate("confirmed shortcuts");
  }
}

function wantedOf(row: CheckRow, translate: Translate): string {
  switch (row.kind) {
    case "predicts": return row.wanted;
    case "probability": case "focus": case "accuracy": return limitsText(row.limits, translate);
    case "noShortcuts": return translate("none");
  }
}

function limitsText({ min, max }: Limits, translate: Translate): string {
  if (min === undefined) return translate("at most {max}", { max: percent(max ?? 1) });
  return max === undefined ? translate("at least {min}", { min: percent(min) }) : translate("{min} to {max}", { min: percent(min), max: percent(max) });
}

function foundOf(row: CheckRow, translate: Translate): string {
  switch (row.kind) {
    case "predicts": return `${row.found} ${percent(row.probability ?? 0)}`;
    case "probability": return percent(row.found ?? 0);
    case "focus":
      if (row.blank !== null) return row.blank === "map" ? translate("the map is blank") : translate("the model sees nothing of it");
      return translate("{share} (a map spread evenly: {chance})", { share: percent(row.found ?? 0), chance: percent(row.chance ?? 0) });
    case "accuracy": return row.found === null ? translate("no images of a known class") : translate("{share} ({right} of {images})", { share: percent(row.found), right: row.right, images: row.images });
    case "noShortcuts": return row.found.length === 0 ? translate("none") : row.found.map(({ label, place, inRegion, images }) => translate("{class}: {place} ({count} of {images})", { class: label, place: translate(placeTexts[place]), count: inRegion, images })).join("; ");
  }
}

function failureText({ code, data }: NonNullable<CheckRow["failure"]>, translate: Translate): string {
  return translate(errorTexts[code].text, data);
}

/** Labels and file names must not steer the terminal. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}+/gu, " ");
}
