/** @file Which files of a folder are models, by their names, first bytes and the small files beside them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findModelFiles } from "../../../../src/worker/models/findModelFiles.js";
import { identifyModels } from "../../../../src/worker/models/identifyModels.js";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "whylight-models-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A safetensors file with one tensor of four bytes. */
function safetensors(tensor = "layer.weight"): Buffer {
  const header = Buffer.from(JSON.stringify({ [tensor]: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(4)]);
}

const contents = { zip: Buffer.from("PK\u0003\u0004rest of an archive", "latin1"), pickle: Buffer.from("\u0080\u0002}q\u0000.", "latin1"), hdf: Buffer.from("\u0089HDF\r\n\u001a\n....", "latin1"), onnx: Buffer.from([8, 9, 18, 0]) };

function put(name: string, content: Buffer | string | object): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, Buffer.isBuffer(content) || typeof content === "string" ? content : JSON.stringify(content));
}

const cards = async () => identifyModels(findModelFiles(folder));
const paths = async () => (await cards()).map(({ path }) => relative(folder, path));
const bert = { model_type: "bert", architectures: ["BertForSequenceClassification"], id2label: { 0: "bad", 1: "good" } };

describe("which files are models", () => {
  it("tells every format, by bytes and not by names alone", async () => {
    put("a.onnx", contents.onnx);
    put("b.safetensors", safetensors());
    put("c.pt", contents.zip);
    put("d.pth", contents.pickle);
    put("e.h5", contents.hdf);
    put("f.keras", contents.zip);
    put("g/model.json", { format: "layers-model", modelTopology: {}, weightsManifest: [] });
    put("h/model.json", { format: "graph-model", modelTopology: { node: [] } });
    put("i/saved_model.pb", contents.onnx);
    expect((await cards()).map(({ path, format }) => [relative(folder, path), format])).toEqual([
      ["a.onnx", "onnx"], ["b.safetensors", "safetensors"], ["c.pt", "pytorch"], ["d.pth", "pytorch"], ["e.h5", "keras"], ["f.keras", "keras"],
      ["g/model.json", "tfjs-layers"], ["h/model.json", "tfjs-graph"], ["i/saved_model.pb", "saved-model"],
    ]);
  });

  it("leaves out what only looks like one", async () => {
    put("package.json", {});
    put("data/model.json", { name: "a car" });
    put("firmware.bin", Buffer.from([1, 2, 3, 4]));
    put("notes.pt", "Portuguese");
    put("activations.safetensors", safetensors("input"));
    put("recorded/inputs.safetensors", safetensors("input_ids"));
    put("recorded/config.json", bert);
    for (const name of ["optimizer.bin", "training_args.bin", "scheduler.pt", "rng_state_0.pth", "adapter_model.safetensors", "tokenizer.bin"]) put(name, contents.zip);
    put("node_modules/x/model.onnx", contents.onnx);
    put("venv/lib/site-packages/onnx/test.onnx", contents.onnx);
    expect(await paths()).toEqual([]);
  });

  it("counts a Hugging Face folder once, its weights of the best format, and each ONNX file for itself", async () => {
    for (const name of ["model.safetensors"]) put(`bert/${name}`, safetensors());
    for (const name of ["pytorch_model.bin", "training_args.bin"]) put(`bert/${name}`, contents.zip);
    put("bert/tf_model.h5", contents.hdf);
    put("bert/config.json", bert);
    expect(await paths()).toEqual(["bert/model.safetensors"]);
    put("bert/onnx/model.onnx", contents.onnx);
    put("bert/onnx/model_quantized.onnx", contents.onnx);
    expect(await paths()).toEqual(["bert/onnx/model_quantized.onnx", "bert/onnx/model.onnx"]);
    put("zoo/resnet.onnx", contents.onnx);
    put("zoo/vgg.pth", contents.zip);
    put("zoo/best.pt", contents.zip);
    expect((await paths()).filter((path) => path.startsWith("zoo"))).toEqual(["zoo/best.pt", "zoo/resnet.onnx", "zoo/vgg.pth"]);
  });

  it("counts shards once, whichever of them is named, with the bytes of all", async () => {
    const [first, second] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    put(`llama/${first}`, safetensors());
    put(`llama/${second}`, safetensors());
    put("llama/model.safetensors.index.json", { weight_map: { a: first, b: second, c: first } });
    put("llama/config.json", { model_type: "bert" });
    const all = await cards();
    expect(all.map(({ path, title }) => [relative(folder, path), title])).toEqual([["llama/model.safetensors.index.json", "llama"]]);
    expect(all[0]?.bytes).toBe(2 * safetensors().length + JSON.stringify({ weight_map: { a: first, b: second, c: first } }).length);
    expect(await identifyModels([join(folder, "llama", second)])).toEqual(all);
    expect(await identifyModels([join(folder, "llama")])).toEqual(all);
    rmSync(join(folder, "llama", second));
    expect((await cards())[0]?.problem).toMatchObject({ code: "modelCorrupt", data: { reason: `${second} is missing` } });
  });

  it("counts TensorFlow.js's shards and ONNX's external data with their model", async () => {
    const shards = ["group1-shard1of2.bin", "group1-shard2of2.bin"];
    put("web/model.json", { format: "graph-model", modelTopology: { node: [] }, weightsManifest: [{ paths: shards, weights: [] }] });
    expect((await cards())[0]?.problem?.data["reason"]).toBe("group1-shard1of2.bin is missing");
    for (const shard of shards) put(`web/${shard}`, contents.zip);
    put("big.onnx", contents.onnx);
    put("big.onnx.data", Buffer.alloc(100));
    expect((await cards()).map(({ path, bytes }) => [relative(folder, path), bytes])).toEqual([["big.onnx", 104], ["web/model.json", expect.any(Number)]]);
    expect((await cards())[1]?.bytes).toBeGreaterThan(2 * contents.zip.length);
  });
});

describe("what is known of them", () => {
  it("takes purpose, architecture and description from what lies beside", async () => {
    put("bert/model.safetensors", safetensors());
    put("bert/config.json", bert);
    put("bert/tokenizer.json", {});
    put("vit/model.safetensors", safetensors());
    put("vit/config.json", { model_type: "vit", architectures: ["ViTForImageClassification"] });
    put("vit/preprocessor_config.json", { image_mean: [0.5] });
    put("nameless/model.safetensors", safetensors());
    put("nameless/config.json", { model_type: "gpt2" });
    put("timm/model.safetensors", safetensors());
    put("timm/config.json", { architecture: "resnet18", pretrained_cfg: {} });
    put("plain.onnx", contents.onnx);
    put("stated.onnx", contents.onnx);
    put("stated.whylight.json", {});
    expect((await cards()).map(({ title, purpose, architecture, isDescribed }) => [title, purpose, architecture, isDescribed])).toEqual([
      ["bert", "text", "BertForSequenceClassification", true], ["nameless", "text", "gpt2", false], ["plain", undefined, undefined, undefined], ["stated", undefined, undefined, true],
      ["timm", "image", "timm resnet18", true], ["vit", "image", "ViTForImageClassification", false],
    ]);
  });

  it("says what shows at once: nothing in it, a pointer of Git LFS, bytes of another kind, an architecture that nobody knows", async () => {
    put("a.onnx", "");
    put("b.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 440449768\n");
    put("c.keras", "not a zip archive");
    put("d/model.safetensors", safetensors());
    put("d/config.json", { model_type: "unheard_of", architectures: ["UnheardOfModel"] });
    expect((await cards()).map(({ title, problem }) => [title, problem?.code, problem?.data["reason"] ?? problem?.data["architecture"]])).toEqual([
      ["a", "modelCorrupt", "the file is empty"], ["b", "modelUnfetched", undefined], ["c", "modelFormatUnknown", undefined], ["d", "architectureUnknown", "UnheardOfModel"],
    ]);
  });

  it("tells models of one name apart", async () => {
    for (const name of ["bert/onnx/model.onnx", "bert/onnx/model_int8.onnx", "v1/gpt/model.onnx", "v2/gpt/model.onnx", "a/cnn.onnx", "b/cnn.onnx"]) put(name, contents.onnx);
    expect((await cards()).map(({ title }) => title)).toEqual(["cnn · a", "cnn · b", "bert · model_int8.onnx", "bert · model.onnx", "gpt · v1", "gpt · v2"]);
  });

  it("passes over broken configs, folders that are links and files that are gone", async () => {
    put("x/model.safetensors", safetensors());
    put("x/config.json", "{ broken");
    expect(await identifyModels([join(folder, "gone.onnx"), join(folder, "nowhere")])).toEqual([]);
    expect((await cards()).map(({ problem, purpose }) => [problem, purpose])).toEqual([[undefined, undefined]]);
  });

  it("looks at hundreds of candidates", async () => {
    for (let i = 0; i < 400; i++) for (const [name, content] of [["model.safetensors", safetensors()], ["config.json", bert]] as const) put(`models/m${i}/${name}`, content);
    expect(await cards()).toHaveLength(400);
  });
});
