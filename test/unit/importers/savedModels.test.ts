/** @file SavedModels that lack something, or say what their files do not hold. */
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { importModel } from "../../../src/worker/formats/importModel.js";

const source = join(import.meta.dirname, "../../fixtures/models/tensorflow/convolutions");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "whylight-saved-"));
  cpSync(source, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string) => join(folder, name);
const variables = (name: string) => file(`variables/variables.${name}`);
/** Puts other bytes of the same length into the graph, so that lengths still fit. */
const rename = (from: string, to: string) => writeFileSync(file("saved_model.pb"), Buffer.from(readFileSync(file("saved_model.pb")).toString("latin1").replaceAll(from, to), "latin1"));

it.each<[string, () => void, string, RegExp]>([
  ["no variables", () => rmSync(file("variables"), { recursive: true }), "modelCorrupt", /the variable .* is not in variables\/variables/],
  ["no data", () => rmSync(variables("data-00000-of-00001")), "modelNotFound", /data-00000/],
  ["data cut short", () => truncateSync(variables("data-00000-of-00001"), 100), "modelCorrupt", /does not lie in its file/],
  ["an index cut short", () => truncateSync(variables("index"), 20), "modelCorrupt", /too short/],
  ["an index of another kind", () => appendFileSync(variables("index"), "x".repeat(60)), "modelCorrupt", /no index/],
  ["no serving signature", () => rename("serving_default", "__ing_default__"), "modelProgram", /tf2onnx.convert --saved-model/],
  ["an empty graph", () => writeFileSync(file("saved_model.pb"), Buffer.from([8, 1])), "modelProgram", /serving signature/],
  ["no protobuf", () => writeFileSync(file("saved_model.pb"), "not a protobuf message"), "modelCorrupt", /./],
])("%s", async (_, change, code, message) => {
  change();
  const error = await importModel(file("saved_model.pb")).then(() => undefined, (thrown: Error) => thrown);
  expect(error).toMatchObject({ code });
  expect(error!.message).toMatch(message);
});

it("takes operators it does not know by name", async () => {
  rename("Sigmoid", "Sigmund");
  const { graph } = await importModel(file("saved_model.pb"));
  expect(graph.nodes.map(({ op }) => op)).toContain("Sigmund");
});
