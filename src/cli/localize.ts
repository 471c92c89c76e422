/** @file Texts of the command line in the reader's language: English, or the translations beside the program. */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fillIn } from "../protocol/errorTexts.js";
import type { Translate } from "../protocol/reportTexts.js";

export type { Translate };

/** English as it stands. */
export const english: Translate = (text, data = {}) => fillIn(text, data);

/** The extension's own translations, and those of the command line alone. */
const bundles = ["bundle.l10n.ja.json", "cli.ja.json"];

/** The translation for the environment's language, as `LC_ALL`, `LC_MESSAGES` or `LANG` name it; English where there is none. `script` is the program's file. */
export function translationFor(environment: Readonly<Record<string, string | undefined>>, script: string | undefined): Translate {
  const language = /^[a-z]+/.exec(environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"] || "")?.[0];
  if (language !== "ja" || script === undefined) return english;
  try {
    const folder = join(dirname(realpathSync(script)), "../media/l10n");
    const texts: Record<string, string> = Object.assign({}, ...bundles.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as object));
    return (text, data = {}) => fillIn(Object.hasOwn(texts, text) ? texts[text]! : text, data);
  } catch {
    return english;
  }
}
