/** @file The page of methods names every method and every parameter there is. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { methods, methodOf, type MethodName } from "../../src/engine/attribution/methods.js";
import type { ParameterTable } from "../../src/engine/attribution/parameters.js";
import { textMethodOf, textMethods, type TextMethodName } from "../../src/engine/attribution/text/textMethods.js";

const page = readFileSync(new URL("../../docs/methods.md", import.meta.url), "utf8");
/** Said once for all methods that fill or start from baselines. */
const shared = new Set(["blur", "seed", "fill", "segments", "compactness", "segmentation", "samples"]);

/** Images first; some methods for text have the same names. */
const [imagePart = "", textPart = ""] = page.split("## Methods for text");

describe("docs/methods.md", () => {
  it.each(Object.keys(methods) as MethodName[])("%s", (id) => checkRow(imagePart, id, methodOf(id).parameters));
  it.each(Object.keys(textMethods) as TextMethodName[])("%s for text", (id) => checkRow(textPart, id, textMethodOf(id).parameters));

  function checkRow(part: string, id: string, parameters: ParameterTable): void {
    const line = part.split("\n").find((text) => text.startsWith(`| \`${id}\` |`));
    expect(line, "has a row").toBeDefined();
    for (const [name, spec] of Object.entries(parameters)) {
      if (!shared.has(name)) expect(line, name).toContain(`\`${name}\``);
      else expect(page).toContain(`\`${name}\``);
      if (spec.kind === "choice" && !shared.has(name)) for (const choice of spec.choices) expect(page, `${name}=${choice}`).toContain(choice);
    }
  }
});
