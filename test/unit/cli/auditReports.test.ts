/** @file `whylight audit --format`: the reports that are written beside the records. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";

const sample = (path: string) => fileURLToPath(new URL(`../../../samples/${path}`, import.meta.url));
const out = mkdtempSync(join(tmpdir(), "whylight-reports-"));
afterAll(() => rmSync(out, { recursive: true }));

async function audit(...args: string[]) {
  const [lines, errors]: [string[], string[]] = [[], []];
  const terminal = { translate: english, out: (text: string) => void lines.push(text), err: (text: string) => void errors.push(text), progress: () => {} };
  return { code: await runCommandLine(["audit", sample("models/scenes.onnx"), sample("shortcut"), "--limit", "9", "--runtime", "onnxruntime", ...args], terminal), out: lines.join("\n"), err: errors.join("\n") };
}

it("writes each format, and every picture that Markdown names", async () => {
  const folder = join(out, "audit");
  const { code, out: printed } = await audit("--out", folder, "--format", "html,markdown,json");
  expect(code).toBe(0);
  for (const name of ["report.html", "report.md", "report.json"]) expect(printed).toContain(join(folder, name));
  const pictures = [...readFileSync(join(folder, "report.md"), "utf8").matchAll(/\]\((report-pictures\/[^)]+)\)/g)].map(([, path]) => path!);
  expect(pictures.length).toBeGreaterThan(5);
  expect(pictures.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  expect(JSON.parse(readFileSync(join(folder, "report.json"), "utf8"))).toMatchObject({ images: 9, labelled: 9 });
});

it("refuses formats there are not", async () => {
  expect(await audit("--out", join(out, "none"), "--format", "pdf")).toMatchObject({ code: 2, err: expect.stringContaining("html, markdown, json") as string });
});
