/** @file Labels out of files and folders, in the order in which they are asked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toWhylightError } from "../../../../src/engine/errors.js";
import { createJobs } from "../../../../src/worker/jobs.js";
import { labelNames } from "../../../../src/worker/labels/labelNames.js";
import { labelReader } from "../../../../src/worker/labels/labelReader.js";
import { readLabels } from "../../../../src/worker/labels/readLabels.js";

const names = labelNames(["pug", "tiger cat", "mug"], 3);
let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "whylight-labels-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const failure = (action: () => unknown) => {
  try {
    action();
  } catch (thrown) {
    return toWhylightError(thrown);
  }
  throw new Error("nothing was thrown");
};

describe("a labels file", () => {
  it.each([
    ["l.csv", "file,label\na/1.jpg,pug\n\"b, c.jpg\",\"tiger cat\"\n"],
    ["l.csv", "\uFEFFid;Class Name;File Name\r\n1;pug;a\\1.jpg\r\n2;tiger cat;\"b, c.jpg\"\r\n\r\n"],
    ["l.csv", "./a/1.jpg\tpug\nb, c.jpg\ttiger cat"],
    ["l.json", JSON.stringify({ "a/1.jpg": "pug", "b, c.jpg": "tiger cat" })],
    ["l.json", JSON.stringify([{ file: "a/1.jpg", label: "pug" }, { image: "b, c.jpg", category: "tiger cat" }])],
  ])("%s %j", (name, text) => expect([...readLabels(write(name, text))]).toEqual([["a/1.jpg", "pug"], ["b, c.jpg", "tiger cat"]]));

  it("may give indexes", () => expect([...readLabels(write("l.json", "{\"a.jpg\": 2}"))]).toEqual([["a.jpg", 2]]));

  it.each([
    ["l.csv", "name,label\na,b", "it has no column file"], ["l.csv", "file,kind\na,b", "it has no column label"], ["l.csv", "", "it has no column file"], ["l.csv", "file,label\n", "it holds no labels"],
    ["l.json", "[\"pug\"]", "entry 1 has no file"], ["l.json", "{\"a.jpg\": [1]}", "entry 1 (a.jpg) is neither a name nor an index"], ["l.json", "{", "it is no JSON"], ["l.json", "3", "it holds no object and no list"],
  ])("%s %j is refused", (name, text, reason) => expect(failure(() => readLabels(write(name, text)))).toMatchObject({ code: "labelsInvalid", data: { reason } }));

  it("that contradicts itself is refused; rows that say the same again are not", () => {
    expect(failure(() => readLabels(write("l.csv", "file,label\na.jpg,pug\n./a.jpg,mug\n")))).toMatchObject({ code: "labelsInvalid", data: { reason: "it gives a.jpg two labels, pug and mug" } });
    expect([...readLabels(write("l.csv", "file,label\na.jpg,pug\na.jpg,pug\n"))]).toEqual([["a.jpg", "pug"]]);
  });

  it("may be a spreadsheet's Unicode text", () => {
    writeFileSync(join(folder, "l.csv"), "\uFEFFfile\tlabel\r\nä.jpg\tpug\r\n", "utf16le");
    expect([...readLabels(join(folder, "l.csv"))]).toEqual([["ä.jpg", "pug"]]);
  });

  it("that is missing is refused", () => expect(failure(() => readLabels(join(folder, "none.csv")))).toMatchObject({ code: "labelsInvalid" }));
});

describe("the label of a file", () => {
  it("comes from the labels file given, by its own folder, the folder gone through, or a bare name without ending, and from nothing else", () => {
    const labels = write("lists/l.csv", "file,label\n../x/1.jpg,pug\npictures/mug/2.jpg,tiger cat\n");
    const read = labelReader({ names, labels, folder });
    expect(read(join(folder, "x/1.jpg"))).toEqual({ text: "pug", index: 0, from: "labels file" });
    expect(read(join(folder, "pictures/mug/2.jpg"))).toEqual({ text: "tiger cat", index: 1, from: "labels file" });
    expect(read(join(folder, "pictures/mug/3.jpg"))).toBeUndefined();
    const bare = labelReader({ names, labels: write("lists/bare.csv", "id,target\n0f3,2\n0f4,whale\n"), folder });
    expect([bare(join(folder, "deep/down/0f3.png")), bare(join(folder, "0f4.png"))]).toEqual([{ text: "2", index: 2, from: "labels file" }, { text: "whale", index: undefined, from: "labels file" }]);
  });

  it("comes from the nearest folder that is a class, before lists and names", () => {
    write("set/labels.csv", "file,label\nMUG/1.jpg,pug\n");
    const read = labelReader({ names });
    expect(read(join(folder, "set/MUG/1.jpg"))).toEqual({ text: "MUG", index: 2, from: "folder" });
    expect(read(join(folder, "set/mug/Tiger_Cat/pug_1.jpg"))).toEqual({ text: "Tiger_Cat", index: 1, from: "folder" });
    expect(read(join(folder, "set/mug/train/1.jpg"))).toEqual({ text: "mug", index: 2, from: "folder" });
    expect(read(join(folder, "set/1/a.jpg"))).toBeUndefined();
  });

  it("comes from a list beside or above, before names; a list of something else is passed over", () => {
    write("set/labels.json", JSON.stringify({ "deep/1.jpg": "pug" }));
    write("set/deep/labels.json", JSON.stringify(["pug", "mug"]));
    expect(labelReader({ names })(join(folder, "set/deep/1.jpg"))).toEqual({ text: "pug", index: 0, from: "labels file" });
    expect(labelReader({ names })(join(folder, "set/deep/mug-2.jpg"))).toEqual({ text: "mug-2", index: 2, from: "file name" });
  });

  it("is a name that the model does not know for folders that are no class, where a folder is gone through", () => {
    const read = labelReader({ names, folder });
    expect(read(join(folder, "whale/7.jpg"))).toEqual({ text: "whale", index: undefined, from: "folder" });
    expect(read(join(folder, "7.jpg"))).toBeUndefined();
  });
});

it("is found for a picture of a model", async () => {
  const jobs = createJobs();
  const root = join(import.meta.dirname, "../../../..");
  const find = (input: string) => jobs.findLabel({ model: join(root, "samples/models/scenes.onnx"), input: join(root, "samples", input) });
  expect(await find("images/mug-1.jpg")).toEqual({ index: 6, label: "mug", from: "file name" });
  expect(await find("labelled/fish/01.jpg")).toEqual({ index: 3, label: "fish", from: "folder" });
  expect(await find("README.md")).toBeUndefined();
  jobs.dispose();
});
