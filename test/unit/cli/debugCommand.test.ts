/** @file `whylight debug`: where the true class comes from, the files and the document, the text, and what is refused. */
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";

const sample = (path: string) => fileURLToPath(new URL(`../../../samples/${path}`, import.meta.url));
const [model, image] = [sample("models/scenes.onnx"), sample("shortcut/balloon/01.jpg")];
const folder = mkdtempSync(join(tmpdir(), "whylight-debug-cli-"));
const unnamed = join(folder, "picture.jpg");
beforeAll(() => copyFileSync(image, unnamed));
afterAll(() => rmSync(folder, { recursive: true }));

async function debug(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine(["debug", model, ...args, "--set", "steps=2", "--runtime", "onnxruntime"], { translate: english, out: (text) => out.push(text), err: (text) => err.push(text), progress: () => {} });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

interface Document {
  readonly results: readonly {
    readonly input: string; readonly labelFrom: string; readonly isMistake: boolean; readonly true: { readonly label: string }; readonly expected: { readonly label: string } | null;
    readonly neighbours: { readonly searched: number; readonly found: readonly { readonly labelName: string }[] } | null; readonly files: Readonly<Record<string, string>>;
  }[];
  readonly errors?: readonly { readonly code: string }[];
}

it("prints the text alone, and writes nothing, where only text is asked for", async () => {
  const { code, out, err } = await debug(image, "--format", "text");
  expect([code, err]).toEqual([0, ""]);
  expect(out.split("\n").slice(0, 6)).toEqual(["=".repeat(60), "Misclassification report", "=".repeat(60), "", "True: balloon", expect.stringMatching(/^Predicted: mug \(probability: \d+\.\d\d%\)$/)]);
  expect(out).toMatch(/^ {2}✓ 2\. balloon: \d+\.\d\d%$/m);
});

it("writes every format beside each other and says what it found", async () => {
  const out = join(folder, "out");
  const printed = await debug(image, "--out", out, "--format", "html,markdown,json,text", "--expected", "Fish", "--among", sample("shortcut"), "--json");
  expect(printed.code).toBe(0);
  const { results: [result] } = JSON.parse(printed.out) as Document;
  expect(result).toMatchObject({
    input: image, labelFrom: "folder", isMistake: true, true: { label: "balloon" }, expected: { label: "fish" }, files: { html: "01.debug.html", markdown: "01.debug.md", json: "01.debug.json", text: "01.debug.txt" },
  });
  // 27 pictures in that folder, without itself.
  expect(result!.neighbours).toMatchObject({ searched: 26 });
  expect(readdirSync(out).filter((name) => name.endsWith(".png")).toSorted()).toEqual(expect.arrayContaining(["01.debug.grad-cam.contrast.png", "01.debug.grad-cam.predicted.png", "01.debug.grad-cam.true.png", "01.debug.integrated-gradients.true.png"]));
  const markdown = readFileSync(join(out, "01.debug.md"), "utf8");
  for (const [, name = ""] of markdown.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) expect(readdirSync(out)).toContain(decodeURIComponent(name));
  const page = readFileSync(join(out, "01.debug.html"), "utf8");
  expect(page).toContain("img-src data:");
  expect(page).not.toMatch(/<script|src="(?!data:)|https?:/);
  const summary = await debug(image, "--out", out, "--format", "text,json");
  expect(summary.out).toContain("Rank of the true class: 2");
}, 60_000);

describe("the true class", () => {
  it("is what --true says, in any spelling", async () => {
    const { code, out } = await debug(unnamed, "--true", "BALLOON", "--format", "text");
    expect([code, out.includes("True: balloon")]).toEqual([0, true]);
  });

  it("is asked for where nothing tells it", async () => {
    expect(await debug(unnamed, "--format", "text")).toEqual({ code: 1, out: "", err: `No true class is known for ${unnamed}. Give it (--true), put the image into a folder named after its class, or name a labels file.` });
  });

  it("that the model does not have is told with labels spelt alike", async () => {
    expect(await debug(unnamed, "--true", "baloon", "--format", "text")).toMatchObject({ code: 1, err: expect.stringMatching(/^The model has no class baloon; it has 10 classes\. .*\nLabels spelt alike: balloon/) as string });
  });

  it("comes from a labels file, whose faults are told once", async () => {
    writeFileSync(join(folder, "true.csv"), "file,label\npicture.jpg,umbrella\n");
    const { code, out } = await debug(unnamed, "--labels", join(folder, "true.csv"), "--json", "--format", "text");
    expect([code, (JSON.parse(out) as Document).results[0]]).toMatchObject([0, { labelFrom: "labels file", true: { label: "umbrella" } }]);
    writeFileSync(join(folder, "wrong.csv"), "a,b,c\n");
    const refused = await debug(unnamed, image, "--labels", join(folder, "wrong.csv"), "--format", "text");
    expect([refused.code, refused.err.match(/is no list of labels/g)]).toEqual([1, ["is no list of labels"]]);
  });
});

it("goes on after an image that cannot be read, and refuses formats there are not", async () => {
  const broken = join(folder, "broken.jpg");
  writeFileSync(broken, "no image");
  const { code, out } = await debug(broken, unnamed, "--true", "balloon", "--json", "--format", "text");
  const { results, errors } = JSON.parse(out) as Document;
  expect([code, results.length, errors?.map((error) => error.code)]).toEqual([1, 1, ["imageInvalid"]]);
  expect(await debug(unnamed, "--format", "pdf")).toMatchObject({ code: 2, err: expect.stringContaining("html, markdown, json, text") as string });
});
