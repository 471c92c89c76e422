/** @file The rows of the models view, and what a form writes into a sidecar file. */
import { describe, expect, it } from "vitest";
import { factNodes, hoverLines, placeOf, rowOf } from "../../../src/host/models/modelRows.js";
import { sidecarText } from "../../../src/host/models/sidecarText.js";
import type { ModelCard } from "../../../src/protocol/models.js";
import { modelSummary } from "./syntheticModel.js";

const english = (text: string) => text;
const card: ModelCard = { path: "/w/vit/model.safetensors", title: "vit", format: "safetensors", purpose: "image", architecture: "ViTForImageClassification", bytes: 346_000_000, isDescribed: false, problem: undefined };

describe("a model's row", () => {
  it("says format, size, use and architecture, and first what it is chosen for", () => {
    expect(rowOf({ kind: "model", card, chosenFor: [] }, english)).toMatchObject({ label: "vit", description: "safetensors · 346 MB · for images · ViTForImageClassification", icon: "file-media", context: "model" });
    const chosen = rowOf({ kind: "model", card, chosenFor: ["image", "attention"] }, english);
    expect(chosen).toMatchObject({ icon: "check", context: "model.active", description: "explains images · shows attention over images · safetensors · 346 MB · for images · ViTForImageClassification" });
    expect(chosen.spoken).toBe(`vit, ${chosen.description}`);
  });

  it("says what is wrong to those who see no icon", () => {
    const row = rowOf({ kind: "model", card: { ...card, problem: { code: "modelCorrupt", data: { path: card.path, reason: "the file is empty" } } }, chosenFor: [] }, english);
    expect(row).toMatchObject({ icon: "warning", context: "model.unreadable" });
    expect(row.spoken).toContain("The model model.safetensors is damaged or cut short: the file is empty.");
  });

  it("has facts below it; those that can be mended lead to the form, the others to the page", () => {
    const rows = factNodes(card, { ...modelSummary, labels: undefined, labelsOrigin: undefined, preprocessOrigin: "defaults", unsupported: [{ op: "FancyOp", node: "n1", problem: "run" }] }, english).map((node) => rowOf(node, english));
    const labels = rows.find(({ label }) => label === "Labels");
    expect(labels).toMatchObject({ description: "none", icon: "warning", context: "fact.lacking", command: { id: "whylight.describeModel", model: card.path }, tooltip: "Labels: none\nDescribe labels and preprocessing" });
    expect(rows.find(({ label }) => label === "Preprocessing")).toMatchObject({ description: expect.stringContaining("by default"), context: "fact.lacking" });
    expect(rows.find(({ label }) => label === "Input")).toMatchObject({ description: "input float32 [batch, 3, 224, 224]", context: "fact", command: { id: "whylight.inspectModel" } });
    expect(rows.find(({ label }) => label === "Cannot be run")).toMatchObject({ description: "FancyOp", icon: "error" });
    expect(rows.find(({ label }) => label === "Layers")?.description).toBe("3, layer3 by default");
  });

  it("says what a text model without a tokenizer lacks", () => {
    const rows = factNodes(card, { ...modelSummary, task: "text-classification", tokenizer: undefined }, english).map((node) => rowOf(node, english));
    expect(rows.find(({ label }) => label === "Tokenizer")).toMatchObject({ description: "none", icon: "warning", tooltip: expect.stringContaining("Put tokenizer.json") });
  });

  it("tells the rest on hovering", () => {
    expect(hoverLines(card, modelSummary, "auto", english)).toEqual(["/w/vit/model.safetensors", "safetensors · 346 MB · for images · ViTForImageClassification", "Input: input float32 [batch, 3, 224, 224]", "Output: logits float32 [batch, 4]",
      "Labels: 4: cat, dog, hen, ant (from the model's description)", expect.stringMatching(/^Preprocessing: shorter side 256/), "Runtime: auto"]);
    expect(hoverLines(card, undefined, "tfjs-wasm", english).at(-1)).toBe("Runtime: tfjs-wasm");
  });
});

it("a command finds its model in a file, a row or a link", () => {
  expect([placeOf({ fsPath: "/a" }), placeOf({ kind: "model", card }), placeOf({ kind: "fact", model: "/b" }), placeOf("/c"), placeOf(undefined), placeOf(7)]).toEqual(["/a", card.path, "/b", "/c", undefined, undefined]);
});

describe("the text of a sidecar file", () => {
  const preprocess = { resize: "exact", size: [8, 9], crop: null, interpolation: "nearest", channels: "rgb", scale: 1, mean: [0, 0.5], std: [1] } as const;

  it("begins with what is stated", () => {
    expect(sidecarText(undefined, { labels: ["a", "b"], preprocess: undefined })).toBe('{\n  "labels": [\n    "a",\n    "b"\n  ]\n}\n');
    const text = sidecarText("", { labels: undefined, preprocess });
    expect(JSON.parse(text)).toEqual({ preprocess });
    expect(text).toContain('"size": [8, 9]');
    expect(text).toContain('"mean": [0, 0.5]');
  });

  it("keeps what the form does not know, and its order", () => {
    const before = '{ "$schema": "x.json", "layer": "conv5", "preprocess": { "layout": "NHWC", "size": 3 }, "labelsFile": "names.txt", "note": 1 }';
    expect(JSON.parse(sidecarText(before, { labels: undefined, preprocess }))).toEqual({ $schema: "x.json", layer: "conv5", preprocess: { layout: "NHWC", ...preprocess }, labelsFile: "names.txt", note: 1 });
    const stated = sidecarText(before, { labels: ["a"], preprocess: undefined });
    expect(JSON.parse(stated)).toEqual({ $schema: "x.json", layer: "conv5", preprocess: { layout: "NHWC", size: 3 }, labels: ["a"], note: 1 });
    expect(Object.keys(JSON.parse(stated) as object)).toEqual(["$schema", "layer", "preprocess", "note", "labels"]);
    expect(JSON.parse(sidecarText('{ "labels": ["x"] }', { labels: [], preprocess: undefined }))).toEqual({});
  });

  it("never writes over what is no JSON object", () => {
    for (const broken of ["{ broken", "[1]", "3"]) expect(() => sidecarText(broken, { labels: ["a"], preprocess: undefined })).toThrow(SyntaxError);
  });
});
