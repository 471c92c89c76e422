/** @file Models chosen by what they are for. */
import { describe, expect, it } from "vitest";
import { modelsOfKind, readableModels } from "../../../src/host/modelKinds.js";

const [image, text, any] = [{ purpose: "image" }, { purpose: "text" }, { purpose: undefined }] as const;

describe("the models of a kind", () => {
  it("are those that the files around them speak for; one that nothing speaks for may be for images", () => {
    expect(modelsOfKind([image, text, any], "image")).toEqual([image, any]);
    expect(modelsOfKind([image, text, any], "text")).toEqual([text]);
  });

  it("are all for images where none is left, and none for texts without a tokenizer", () => {
    expect(modelsOfKind([text], "image")).toEqual([text]);
    expect(modelsOfKind([image, any], "text")).toEqual([]);
  });

  it("are those that can be read, unless none can", () => {
    const [good, bad] = [{ problem: undefined }, { problem: { code: "modelCorrupt", data: {} } }] as const;
    expect(readableModels([good, bad])).toEqual([good]);
    expect(readableModels([bad])).toEqual([bad]);
  });
});
