/** @file Keras models that are refused: HDF5 that claims too much, layers whose code is somebody's own, configurations that make no sense. One error each, and nothing else. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { importKeras } from "../../../src/engine/importers/keras/importKeras.js";
import { openZip } from "../../../src/engine/importers/zip.js";
import { openHdf5 } from "../../../src/worker/formats/hdf5.js";
import { openFile } from "../../oracle/fileSource.js";
import { readerInChild } from "./readInChild.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-endless-"));
const fixtures = join(import.meta.dirname, "../../fixtures/models");
let child: Awaited<ReturnType<typeof readerInChild>>;
beforeAll(async () => {
  child = await readerInChild();
});
afterAll(() => {
  child.close();
  rmSync(folder, { recursive: true });
});

describe("HDF5", () => {
  it.each([
    ["absurd.h5", "modelCorrupt", /kernel is longer than any/],
    ["circle.h5", "modelCorrupt", /too many groups/],
    ["other.h5", "modelCorrupt", /without a Keras model/],
    ["sequential.weights.h5", "weightsAlone", /sequential/],
  ])("%s is refused", async (name, code, reason) => {
    const reading = await child.read(join(fixtures, "keras_refused", name));
    expect(reading).toMatchObject({ code, reason: expect.stringMatching(reason) as unknown });
    expect(reading.megabytes).toBeLessThan(300);
  });

  it("that is never done is given up", async () => {
    writeFileSync(join(folder, "endless.cjs"), "for (;;);");
    await expect(openHdf5("/models/endless.h5", { bytes: new Uint8Array(8) }, join(folder, "endless.cjs"), 200)).rejects.toMatchObject({ code: "modelCorrupt", data: { reason: "reading its HDF5 structure takes longer than 0.2 s" } });
  });
});

const input = { class_name: "InputLayer", config: { name: "image", batch_input_shape: [null, 4, 4, 3] }, name: "image", inbound_nodes: [] };
const model = (layer: object, inbound: unknown = [[["image", 0, 0, {}]]]) => ({ class_name: "Functional", config: { name: "m", layers: [input, { name: "odd", inbound_nodes: inbound, ...layer }], input_layers: [["image", 0, 0]], output_layers: [["odd", 0, 0]] } });
const open = (values: Readonly<Record<string, unknown>>, find = () => undefined) => importKeras({ format: "keras", path: "/models/m.h5", model: { file: "/models/m.h5", at: "", values }, version: "2.15.0", metadata: {}, find });

describe("configurations", () => {
  it.each([
    ["a Lambda", model({ class_name: "Lambda", config: { name: "odd", function: ["4wEAAAA", null, null] } }), "layerUnsupported", /Lambda/],
    ["a class of somebody's own", model({ class_name: "Custom>Swirl", config: { name: "odd" } }), "layerUnsupported", /Swirl/],
    ["a function of TensorFlow that is not known", model({ class_name: "TFOpLambda", config: { name: "odd", function: "image.adjust_hue" } }), "layerUnsupported", /tf\.image\.adjust_hue/],
    ["an activation of somebody's own", model({ class_name: "Activation", config: { name: "odd", activation: "swirl" } }), "layerUnsupported", /swirl/],
    ["a dropout that is never off", model({ class_name: "Dropout", config: { name: "odd" } }, [[["image", 0, 0, { training: true }]]]), "layerUnsupported", /training=True/],
    ["masked zeros", model({ class_name: "Embedding", config: { name: "odd", mask_zero: true } }), "layerUnsupported", /masks/],
    ["quantised weights", model({ class_name: "Flatten", config: { name: "odd", dtype: { class_name: "QuantizedDTypePolicy", config: {} } } }), "layerUnsupported", /quantised/],
    ["a model class of its own", { class_name: "MyModel", config: { name: "mine" } }, "layerUnsupported", /MyModel/],
    ["a missing weight", model({ class_name: "Dense", config: { name: "odd" } }), "modelCorrupt", /odd\.kernel is missing/],
    ["a layer called with itself", model({ class_name: "Flatten", config: { name: "odd" } }, [[["odd", 0, 0, {}]]]), "modelCorrupt", /nothing gives/],
    ["a result that nothing gives", model({ class_name: "Flatten", config: { name: "odd" } }, [[["even", 0, 0, {}]]]), "modelCorrupt", /nothing gives/],
    ["an empty model", { class_name: "Sequential", config: [] }, "descriptionInvalid", /empty/],
    ["no shape", { class_name: "Sequential", config: { name: "s", layers: [{ class_name: "Flatten", config: { name: "f" } }] } }, "layerUnsupported", /shape/],
  ])("with %s are refused", (_, values, code, reason) => {
    expect(() => open(values)).toThrow(expect.objectContaining({ code, data: expect.objectContaining({ reason: expect.stringMatching(reason) as unknown }) as unknown }) as Error);
  });

  it("that multiply models in models end", () => {
    const twice = (inner: object, depth: number): object => ({ class_name: "Functional", config: { name: `m${depth}`, layers: [{ ...input, name: "x", config: { ...input.config, name: "x" } }, { ...inner, name: "a", inbound_nodes: [[["x", 0, 0, {}]], [["a", 0, 0, {}]]] }], input_layers: [["x", 0, 0]], output_layers: [["a", 1, 0]] } });
    let values: object = { class_name: "Flatten", config: { name: "a" } };
    for (let depth = 0; depth < 25; depth++) values = twice(values, depth);
    expect(() => open(values as Record<string, unknown>)).toThrow(expect.objectContaining({ code: "modelCorrupt" }) as Error);
  });

  it("nested without end are refused", () => {
    let values: Record<string, unknown> = { class_name: "Flatten", config: {} };
    for (let depth = 0; depth < 5000; depth++) values = { class_name: "Sequential", config: { layers: [values] } };
    expect(() => open(values)).toThrow(expect.objectContaining({ code: "modelCorrupt" }) as Error);
  });

  // Every case's own configuration, with one place replaced by something else.
  const real = ["convolutions", "merging", "shaping", "nested", "attention", "operations", "normalizations", "preprocessing"].map((name): unknown => JSON.parse(Buffer.from(openZip(openFile(join(fixtures, `keras/${name}-keras/model.keras`))).read("config.json", 1 << 24)).toString()));
  const anything = fc.oneof(fc.constantFrom<unknown>(null, -1, 0, 1e9, 0.5, "", "same", "Conv2D", true, [], {}, [[1, 2]], [null, 3], { class_name: "__keras_tensor__", config: {} }), fc.jsonValue());
  it("changed at random give one error or a model", () => {
    fc.assert(fc.property(fc.nat(real.length - 1), fc.nat(), anything, (which, place, value) => {
      const changed = replaced(real[which], place, value);
      if (typeof changed !== "object" || changed === null) return;
      try {
        open(changed as Record<string, unknown>, () => ({ dtype: "float32", shape: [3, 3, 4, 4], data: new Float32Array(144) }) as never);
      } catch (thrown) {
        if (!(thrown instanceof WhylightError) || thrown.code === "internal") throw thrown;
      }
    }), { numRuns: 600 });
  });
});

/** The value with the node of that number, counted through the whole of it, replaced. */
function replaced(root: unknown, place: number, value: unknown): unknown {
  let count = 0;
  const visit = (node: unknown): number => 1 + (typeof node === "object" && node !== null ? Object.values(node).reduce((sum: number, item) => sum + visit(item), 0) : 0);
  const target = place % visit(root);
  const copy = (node: unknown): unknown => {
    if (count++ === target) return value;
    if (Array.isArray(node)) return node.map(copy);
    return typeof node === "object" && node !== null ? Object.fromEntries(Object.entries(node).map(([key, item]) => [key, copy(item)])) : node;
  };
  return copy(root);
}
