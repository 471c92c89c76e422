/** @file Weights of TensorFlow.js models: where they lie, what quantised ones mean, and what is refused. */
import { describe, expect, it } from "vitest";
import { manifestWeights } from "../../../src/engine/importers/tensorflow/weightsManifest.js";

const shards: Readonly<Record<string, Uint8Array>> = {
  "a.bin": new Uint8Array([0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 0x40]),
  "b.bin": new Uint8Array([0x40, 0, 10, 255, 0x00, 0x3c, 2, 0, 0, 0, 104, 105, 1]),
};
const open = (name: string) => ({ path: `/models/${name}`, size: shards[name]!.length, read: (offset: number, length: number) => shards[name]!.slice(offset, offset + length) });
const weights = (entries: readonly unknown[], paths: unknown = ["a.bin", "b.bin"]) => manifestWeights("/models/model.json", [{ paths, weights: entries }], open);

const entries = [
  { name: "whole", shape: [2], dtype: "float32" },
  { name: "split", shape: [1], dtype: "float32" },
  { name: "bytes", shape: [3], dtype: "float32", quantization: { dtype: "uint8", scale: 0.5, min: -1 } },
  { name: "half", shape: [1], dtype: "float32", quantization: { dtype: "float16" } },
  { name: "text", shape: [1], dtype: "string" },
  { name: "flag", shape: [1], dtype: "bool" },
];

describe("weightsManifest", () => {
  it("leaves whole tensors in their files and reads the others", () => {
    const read = weights(entries);
    expect(read.names).toEqual(["whole", "split", "bytes", "half", "flag"]);
    expect(read.get("whole")).toEqual({ dtype: "float32", shape: [2], range: { file: "/models/a.bin", offset: 0, length: 8 } });
    expect(read.get("split")).toEqual({ dtype: "float32", shape: [1], data: new Float32Array(new Uint8Array([0, 0, 0x40, 0x40]).buffer) });
    expect(read.get("bytes")).toEqual({ dtype: "float32", shape: [3], data: new Float32Array([-1, 4, 126.5]) });
    expect(read.get("half")).toEqual({ dtype: "float32", shape: [1], range: { file: "/models/b.bin", offset: 4, length: 2 }, stored: "float16" });
    expect(read.get("flag")).toEqual({ dtype: "bool", shape: [1], range: { file: "/models/b.bin", offset: 12, length: 1 } });
  });

  it.each([
    ["beyond its files", [{ name: "w", shape: [1e9], dtype: "float32" }]],
    ["a text beyond its files", [{ name: "w", shape: [1e9], dtype: "string" }]],
    ["without a shape", [{ name: "w", shape: [-1], dtype: "float32" }]],
    ["of a size beyond numbers", [{ name: "w", shape: [1e9, 1e9], dtype: "float32" }]],
    ["of an unknown type", [{ name: "w", shape: [1], dtype: "complex64" }]],
    ["with an unknown quantisation", [{ name: "w", shape: [1], dtype: "float32", quantization: { dtype: "int4" } }]],
    ["without a name", [{}]],
  ])("refuses a weight %s", (_, refused) => {
    expect(() => weights(refused)).toThrow(expect.objectContaining({ code: "modelCorrupt" }));
  });

  it("refuses what is no manifest", () => {
    expect(() => manifestWeights("/models/model.json", {}, open)).toThrow(expect.objectContaining({ code: "modelCorrupt" }));
    expect(() => weights([], "a.bin")).toThrow(expect.objectContaining({ code: "modelCorrupt" }));
  });
});
