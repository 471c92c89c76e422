/** @file `whylight models`: what is listed, and how it ends. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-cli-models-"));
beforeAll(() => {
  mkdirSync(join(folder, "bert"));
  mkdirSync(join(folder, "empty"));
  cpSync("samples/models/scenes.onnx", join(folder, "scenes.onnx"));
  writeFileSync(join(folder, "bert/model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
  writeFileSync(join(folder, "bert/config.json"), '{ "model_type": "bert", "architectures": ["BertModel"] }');
  writeFileSync(join(folder, "bert/vocab.txt"), "[CLS]\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function whylight(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine(args, { translate: english, out: (text) => out.push(text), err: (text) => err.push(text), progress: () => {} });
  return { code, out, err };
}

it("lists every model with what is known, and says below what is wrong", async () => {
  const { code, out, err } = await whylight("models", folder);
  expect(code).toBe(0);
  expect(out.map((line) => line.split(/ {2,}/))).toEqual([
    ["Model", "Format", "Size", "For", "Architecture", "File"],
    ["bert", "safetensors", "63 B", "texts", "BertModel", join("bert", "model.safetensors")],
    ["scenes", "ONNX", "1.5 MB", "–", "–", "scenes.onnx"],
  ]);
  expect(err).toEqual([expect.stringMatching(/model\.safetensors is a Git LFS pointer/)]);
});

it("prints JSON, says that there is none, and refuses what is no folder", async () => {
  const { out } = await whylight("models", folder, "--json");
  expect(JSON.parse(out.join("\n"))).toMatchObject([{ title: "bert", format: "safetensors", purpose: "text", problem: { code: "modelUnfetched" } }, { title: "scenes", format: "onnx" }]);
  expect(await whylight("models", join(folder, "empty"))).toEqual({ code: 1, out: [], err: [`No model was found in ${join(folder, "empty")}.`] });
  expect((await whylight("models", join(folder, "nowhere"))).code).toBe(1);
});
