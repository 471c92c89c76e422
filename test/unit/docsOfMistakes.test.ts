/** @file The pages about checks, reports and audits say what the code does: fields, files, thresholds. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

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
