/** @file Names of models on a hub, as people type and paste them. */
import { describe, expect, it } from "vitest";
import { parseHubName } from "../../../src/protocol/hubName.js";

const endpoint = "https://huggingface.co";

describe("a name of a model", () => {
  it.each([
    ["google/vit-base-patch16-224", "google/vit-base-patch16-224", "main"], [" gpt2 ", "gpt2", "main"], ["org/model@v1.0", "org/model", "v1.0"],
    ["https://huggingface.co/google/vit-base-patch16-224", "google/vit-base-patch16-224", "main"], ["https://huggingface.co/org/model/tree/refs", "org/model", "refs"],
    ["https://huggingface.co/org/model/blob/main/config.json", "org/model", "main"], ["https://huggingface.co/org/model?library=timm", "org/model", "main"], ["https://huggingface.co/gpt2/", "gpt2", "main"],
  ])("is read from %j", (text, name, revision) => expect(parseHubName(text, endpoint)).toEqual({ name, revision }));

  it.each(["", "a/b/c", "..", "../x", "a/..", "https://elsewhere.example/org/model", "https://huggingface.co/datasets/org/data", "a b", "org/model@", "https://huggingface.co/"])("is not %j", (text) => expect(parseHubName(text, endpoint)).toBeUndefined());
});
