/** @file The command line in Japanese: every text it says has a translation with the same placeholders, and the environment chooses. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { english, translationFor } from "../../../src/cli/localize.js";
import { alignColumns, describeFailure } from "../../../src/cli/terminal.js";

const root = new URL("../../../", import.meta.url);
const japanese = JSON.parse(readFileSync(new URL("media/l10n/cli.ja.json", root), "utf8")) as Record<string, string>;
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").toSorted((a, b) => a.localeCompare(b)).join();

/** Said through `translate("...")` somewhere, or handed to it as the origin of a fact. */
const said = [
  ...readdirSync(new URL("src/cli/", root)).flatMap((name) => [...readFileSync(new URL(`src/cli/${name}`, root), "utf8").matchAll(/translate\("((?:[^"\\]|\\.)*)"/g)].map(([, text]) => JSON.parse(`"${text}"`) as string)),
  "sidecar", "labels file", "metadata", "defaults",
];

const folder = mkdtempSync(join(tmpdir(), "whylight-l10n-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("has Japanese for every text and none to spare", () => {
  expect(said.length).toBeGreaterThan(15);
  expect(Object.keys(japanese).toSorted()).toEqual([...new Set(said)].toSorted());
  for (const [from, to] of Object.entries(japanese)) expect(placeholders(to), from).toBe(placeholders(from));
});

describe("the environment", () => {
  mkdirSync(join(folder, "dist"));
  mkdirSync(join(folder, "media/l10n"), { recursive: true });
  const script = join(folder, "dist/cli.js");
  writeFileSync(script, "");
  writeFileSync(join(folder, "media/l10n/bundle.l10n.ja.json"), JSON.stringify({ Cancel: "キャンセル" }));
  writeFileSync(join(folder, "media/l10n/cli.ja.json"), JSON.stringify({ "{count} in {folder}": "{folder} に {count}" }));

  it("chooses Japanese, and English for what is not translated", () => {
    const translate = translationFor({ LANG: "ja_JP.UTF-8" }, script);
    expect([translate("Cancel"), translate("{count} in {folder}", { count: 2, folder: "x" }), translate("toString")]).toEqual(["キャンセル", "x に 2", "toString"]);
  });

  it.each([{}, { LANG: "en_US.UTF-8" }, { LC_ALL: "C", LANG: "ja_JP.UTF-8" }])("%j means English", (environment) => {
    expect(translationFor(environment, script)("Cancel")).toBe("Cancel");
  });

  it("without the files means English", () => expect(translationFor({ LANG: "ja" }, join(folder, "none.js"))("Cancel")).toBe("Cancel"));
});

it("never lets a file's name or text steer the terminal", () => {
  const { text } = describeFailure(new WhylightError("inputNotFound", { path: "a\x1b[2Jb\nc" }), english);
  expect(text).toBe("The input ab c does not exist or cannot be read.");
});

it("aligns wide characters", () => {
  expect(alignColumns([["形式", "a"], ["x", "b"]])).toEqual(["形式  a", "x     b"]);
});
