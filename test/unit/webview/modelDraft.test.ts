/** @file The form that describes a model: what people type, and what it states. */
import { describe, expect, it } from "vitest";
import type { DescriptionFile } from "../../../src/protocol/models.js";
import { draftOf, isRight, presetOf, presets, statedBy, type Draft } from "../../../webview/model/draft.js";

const preprocess = { resize: "shortest-side", size: [256, 256], crop: [224, 192], interpolation: "bicubic", channels: "rgb", scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], layout: "NCHW" } as const;
const file = (description: Partial<NonNullable<DescriptionFile["description"]>> = {}) => ({ classes: 3, channels: 3, description: { preprocess, preprocessOrigin: "defaults", labels: undefined, labelsOrigin: undefined, activation: "softmax", layer: undefined, ...description } }) as const;

describe("a draft", () => {
  it("says what is known as people write it, and writes what is missing", () => {
    expect(draftOf(file())).toEqual({
      writesLabels: true, labels: "", writesPreprocess: true, resize: "shortest-side", size: "256", crop: "224 × 192", interpolation: "bicubic", channels: "rgb", scale: "1/255", mean: "0.485, 0.456, 0.406", std: "0.229, 0.224, 0.225",
    });
    expect(draftOf(file({ labels: ["a", "b", "c"], labelsOrigin: "config.json", preprocessOrigin: "preprocessor_config.json" }))).toMatchObject({ writesLabels: false, labels: "a\nb\nc", writesPreprocess: false });
    expect(draftOf({ classes: 2, channels: undefined, description: undefined })).toMatchObject({ writesLabels: true, writesPreprocess: false });
  });

  it("states the very numbers that it came from", () => {
    const { layout: _, ...stated } = preprocess;
    expect(statedBy(draftOf(file()))).toEqual({ labels: [], preprocess: stated });
  });

  it("states labels one per line, without their numbers and the empty lines at the end", () => {
    const labels = (text: string) => statedBy({ ...draftOf(file()), labels: text, writesPreprocess: false })?.labels;
    expect(labels("cat\ndog\n\n")).toEqual(["cat", "dog"]);
    expect(labels("0: cat\r\n1: dog")).toEqual(["cat", "dog"]);
    expect(labels("  ")).toEqual([]);
    expect(statedBy({ ...draftOf(file()), writesLabels: false, writesPreprocess: false })).toEqual({ labels: undefined, preprocess: undefined });
  });

  it.each([
    ["size", ["224", "224 × 192", "224x192", "224, 192"], ["", "big", "1 2 3", "-4"]], ["crop", ["", " ", "10"], ["none"]], ["scale", ["1", "1/255", "0.5"], ["", "1/0", "0", "a"]],
    ["mean", ["0", "0.1, 0.2 0.3", "-1"], ["", "a", "1, b"]],
  ] as const)("takes %s as %j, and not as %j", (field, right, wrong) => {
    expect([...right, ...wrong].filter((text) => isRight(field, text))).toEqual(right);
    for (const text of wrong) expect(statedBy({ ...draftOf(file()), [field]: text } as Draft)).toBeUndefined();
  });

  it("knows the presets, also of models with one channel", () => {
    for (const [name, values] of Object.entries(presets)) expect(presetOf(values)).toBe(name);
    expect(presetOf({ scale: "0.00392156862745098", mean: "0.5, 0.5, 0.5", std: "0.5" })).toBe("signed");
    expect(presetOf({ scale: "1", mean: "3", std: "1" })).toBeUndefined();
  });
});
