/** @file The pages about checks, reports and audits say what the code does: fields, files, thresholds. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { calibrationBins } from "../../src/engine/audit/calibration.js";
import { featureLength, mapSide } from "../../src/engine/audit/record.js";
import { causeIds, qualityFlags, variantFamilies } from "../../src/engine/debug/evidence.js";
import { nearlySameBits } from "../../src/engine/debug/hash.js";
import { muchCutOff, leastEffect, otherShare, sameShare } from "../../src/engine/debug/statements.js";
import { hardlyConsideredBelow, nearTopRank, textbookOf } from "../../src/engine/debug/textbook.js";
import { auditFiles } from "../../src/protocol/audit.js";
import { tableColumns } from "../../src/worker/audit/table.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

describe("docs/checks.md", () => {
  const page = read("docs/checks.md");
  const schema = JSON.parse(read("media/check.schema.json")) as Schema & { readonly definitions: { readonly image: Schema; readonly focus: Schema } };
  const fields = [
    ...Object.keys(schema.definitions.image.properties!).map((name) => `images[].${name}`), ...Object.keys(schema.definitions.focus.properties!).filter((name) => !["min", "max"].includes(name)).map((name) => `focus.${name}`),
    ...Object.keys(schema.properties!["accuracy"]!.properties!).map((name) => `accuracy.${name}`), "noShortcuts",
  ];

  it.each(fields)("explains %s", (field) => expect(page).toContain(`| \`${field}\` |`));

  it("explains no field there is not", () => {
    expect([...page.matchAll(/^\| `([\w.[\]]+)` \|/gm)].map(([, field]) => field).filter((field) => !fields.includes(field!))).toEqual([]);
  });

  it("shows a specification that can be read", () => {
    const [, example] = /```json\n([\s\S]*?)```/.exec(page)!;
    expect(() => JSON.parse(example!) as unknown).not.toThrow();
  });
});

describe("docs/debugging.md", () => {
  const page = read("docs/debugging.md");
  const rowOf = (name: string) => page.split("\n").find((line) => line.startsWith(`| ${name} |`)) ?? "";

  it("ranks the causes as the code does", () => {
    const causes = new RegExp(`^\\| \`(${causeIds.join("|")})\` \\|`, "gm");
    expect([...page.matchAll(causes)].map(([, id]) => id)).toEqual(causeIds);
  });

  it.each([...qualityFlags, ...variantFamilies])("has a row for %s", (name) => expect(rowOf(name)).not.toBe(""));

  it("states the thresholds of the code", () => {
    const percent = (share: number) => `${Math.round(share * 100)} %`;
    expect(page).toContain(`From ${percent(sameShare)} in common the maps are said to highlight the same places, below ${percent(otherShare)} different ones.`);
    expect(rowOf("`similarClasses`")).toContain(`${percent(sameShare)} of the maps' mass in common`);
    expect(rowOf("`background`")).toContain(`raises it by ${leastEffect * 100} points`);
    expect(rowOf("`hidden`")).toContain(muchCutOff === 0.25 ? "more than a quarter is cut off" : "");
    expect(rowOf("`hardlyConsidered`")).toContain(`below ${percent(hardlyConsideredBelow)}`);
    expect(rowOf("`borderline`")).toContain(`rank up to ${nearTopRank}`);
    expect(page).toContain(`differs in at most ${nearlySameBits} of 64 bits`);
  });

  it("tells the textbook's three cases", () => {
    expect(page).toContain(`probability below ${hardlyConsideredBelow}, "the model hardly considers the true class"; else rank up to ${nearTopRank}, "a borderline case"; else quality, preprocessing or a hidden object`);
    const codes = (probability: number, rank: number) => textbookOf(probability, rank)[0]!.code;
    expect([codes(0.009, 2), codes(0.01, 5), codes(0.01, 6)]).toEqual(["textbookHardly", "textbookBorderline", "textbookElse"]);
  });
});

describe("docs/auditing.md", () => {
  const page = read("docs/auditing.md");

  it.each(Object.values(auditFiles))("says what %s holds", (file) => expect(page).toContain(`| \`${file}\` |`));

  it("names every column of the table, and no others", () => {
    const [, part] = /## SQL and data frames([\s\S]*?)```sql/.exec(page)!;
    const named = part!.split("\n").filter((line) => line.startsWith("| `")).flatMap((line) => [...line.split("|")[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(named).toEqual(tableColumns.map(({ name }) => name));
  });

  it("states the sizes of the code", () => {
    expect(page).toContain(`${mapSide} × ${mapSide} equal areas`);
    expect(page).toContain(`at most ${featureLength} numbers`);
    expect(page).toContain(`${calibrationBins} bins of equal width`);
    expect(page).toContain(`differ in at most ${nearlySameBits} bits`);
  });
});

describe("links", () => {
  it.each(["checks", "debugging", "auditing"])("of docs/%s.md lead somewhere", (name) => {
    for (const [, target] of read(`docs/${name}.md`).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [file, anchor] = target!.split("#") as [string, string | undefined];
      const page = file === "" ? read(`docs/${name}.md`) : read(new URL(file, "file:///docs/").pathname.slice(1));
      if (anchor !== undefined) expect([...page.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-"))).toContain(anchor);
    }
  });
});
