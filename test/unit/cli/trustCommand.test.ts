/** @file `whylight trust`: the document, the printed table, wrong use. */
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";
import type { ResultDocument } from "../../../src/cli/resultDocument.js";
import type { TrustEntry } from "../../../src/cli/trustCommand.js";

const sample = (path: string) => fileURLToPath(new URL(`../../../samples/${path}`, import.meta.url));
const [model, image] = [sample("models/scenes.onnx"), sample("images/car-1.jpg")];

async function trust(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine(["trust", ...args, "--runtime", "onnxruntime"], { translate: english, out: (text) => out.push(text), err: (text) => err.push(text), progress: () => {} });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

it("prints a document whose sentences say the numbers beside them", async () => {
  const { code, out, err } = await trust(model, image, "--tests", "curves,stability", "--with", "steps=4", "--with", "draws=2", "--json");
  expect([code, err]).toEqual([0, ""]);
  const { results: [entry], runtime } = JSON.parse(out) as ResultDocument<TrustEntry>;
  expect(runtime?.name).toBe("onnxruntime");
  expect(entry).toMatchObject({ input: image, method: "grad-cam", settings: { steps: 4, draws: 2 }, target: { label: "car" } });
  const [curves, stability] = entry!.findings;
  expect(curves!.curves.map(({ values }) => values.length)).toEqual([5, 5, 5]);
  expect(curves!.text).toContain(curves!.numbers["deletion"]!.toFixed(2));
  expect(stability!.comparisons).toHaveLength(2);
  expect(stability!.text).toContain(stability!.numbers["correlation"]!.toFixed(2));
  expect(entry!.findings.map(({ text }) => text).join()).not.toMatch(/[{}?]/);
});

it("prints a line and a sentence per test, classes by their names", async () => {
  const { code, out } = await trust(model, image, "--tests", "classes", "--with", "classes=9");
  expect(code).toBe(0);
  for (const label of ["balloon", "mushroom", "umbrella"]) expect(out).toMatch(new RegExp(`Other classes .*${label} -?\\d\\.\\d\\d`));
  expect(out).toMatch(/^ {4}\S.*rank correlation -?\d\.\d\d.*\.$/m);
});

it("refuses tests and settings there are not", async () => {
  expect(await trust(model, image, "--tests", "luck")).toMatchObject({ code: 2, err: expect.stringContaining("there is no test luck") as string });
  expect(await trust(model, image, "--with", "fill=sand")).toMatchObject({ code: 2, err: expect.stringContaining("fill") as string });
});
