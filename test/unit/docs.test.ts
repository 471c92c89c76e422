/** @file The page of methods names every method and every parameter there is. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { methods, methodOf, type MethodName } from "../../src/engine/attribution/methods.js";

const page = readFileSync(new URL("../../docs/methods.md", import.meta.url), "utf8");
/** Said once for all methods that fill or start from baselines. */
const shared = new Set(["blur", "seed", "fill", "segments", "compactness", "segmentation", "samples"]);

describe("docs/methods.md", () => {
  it.each(Object.keys(methods) as MethodName[])("%s", (id) => {
    const line = page.split("\n").find((text) => text.startsWith(`| \`${id}\` |`));
    expect(line, "has a row").toBeDefined();
    for (const [name, spec] of Object.entries(methodOf(id).parameters)) {
      if (!shared.has(name)) expect(line, name).toContain(`\`${name}\``);
      else expect(page).toContain(`\`${name}\``);
      if (spec.kind === "choice" && !shared.has(name)) for (const choice of spec.choices) expect(page, `${name}=${choice}`).toContain(choice);
    }
  });
});
