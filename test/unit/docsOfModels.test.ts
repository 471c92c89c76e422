/** @file The page of models names every architecture of transformers that is built, and every format. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { huggingFaceTypes } from "../../src/engine/importers/huggingface/importHuggingFace.js";
import { modelEndings } from "../../src/protocol/modelNames.js";

const page = readFileSync(new URL("../../docs/models.md", import.meta.url), "utf8");

describe("docs/models.md", () => {
  it.each([...huggingFaceTypes])("names %s", (type) => expect(page).toContain(`\`${type}\``));
  it.each(modelEndings)("names the ending %s", (ending) => expect(page).toContain(`.${ending}\``));
  it("names no architecture that is not built", () => {
    const rows = page.split("\n").filter((line) => /^\| (texts|images)/.test(line)).flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
    expect(rows.filter((name) => !huggingFaceTypes.has(name))).toEqual([]);
  });
});
