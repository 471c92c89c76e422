/** @file The session behind a model's page: reading, thumbnails as they come, and writing what describes it. */
import { describe, expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { createModelSession, type ModelSubject } from "../../../src/host/models/modelSession.js";
import type { ModelPageState } from "../../../src/protocol/modelPage.js";
import type { DescriptionFile, LayerThumbnail } from "../../../src/protocol/models.js";
import { fakeCalls } from "./fakeCalls.js";
import { modelSummary } from "./syntheticModel.js";

const picture = { bytes: new Uint8Array(64).subarray(8, 12), mime: "image/png", width: 2, height: 2 } as const;
const shot = (layer: string): LayerThumbnail => ({ layer, shape: [1, 2, 2, 2], mean: { picture, range: [0, 1] }, channels: [{ index: 1, picture, range: [0, 2] }] });
const file: DescriptionFile = {
  file: "/w/vit/model.whylight.json", text: '{ "layer": "layer2" }', classes: 4, channels: 3, problem: undefined, notes: [{ code: "labelsMissing", data: { sidecar: "model.whylight.json" } }],
  description: { preprocess: modelSummary.preprocess, preprocessOrigin: "defaults", labels: undefined, labelsOrigin: undefined, activation: "softmax", layer: undefined },
};

function setUp(subject: Partial<ModelSubject> = {}, answers: Readonly<Record<string, (args: never) => unknown>> = {}) {
  const worker = fakeCalls({ identifyModels: () => [{ path: "/w/vit/model.safetensors", title: "vit" }], inspectModel: () => modelSummary, readDescription: () => file, previewImage: () => picture, ...answers });
  const states: ModelPageState[] = [];
  const shown: [number, readonly LayerThumbnail[]][] = [];
  const written: [string, string][] = [];
  let stamps = 0;
  const session = createModelSession({ model: "/w/vit/model.safetensors", modelName: "vit", image: undefined, isFormOpen: false, ...subject }, {
    call: worker.call, show: (state) => states.push(state), showThumbnails: (run, layers) => shown.push([run, layers]), write: async (path, text) => void written.push([path, text]), described: () => written.push(["described", ""]),
    strings: {}, phaseText: (phase) => phase, noteText: ({ code }) => code, describeFailure: ({ code }) => ({ text: code, actions: [] }), runtime: () => "auto", stamp: async () => String(stamps), logFailure: () => {},
  });
  return { session, worker, states, shown, written, change: () => stamps++ };
}

describe("a model's page", () => {
  it("reads the model once, and again when a file changed", async () => {
    let reads = 0;
    const { session, change } = setUp({}, { inspectModel: () => (reads++, modelSummary) });
    await session.refresh();
    expect(session.state()).toMatchObject({ summary: { labels: ["cat", "dog", "hen", "ant"] }, card: { title: "vit" }, busy: undefined, form: { isOpen: false, notes: ["labelsMissing"] } });
    await session.refresh();
    expect(reads).toBe(1);
    change();
    await session.refresh();
    expect(reads).toBe(2);
  });

  it("opens the form where a description that is wrong keeps the model from being read", async () => {
    const wrong = { ...file, description: undefined, notes: [], problem: { code: "descriptionInvalid", data: { file: "x", field: "y", reason: "z" } } } as const;
    const { session } = setUp({}, { inspectModel: () => Promise.reject(new WhylightError("descriptionInvalid")), readDescription: () => wrong });
    await session.refresh();
    expect(session.state()).toMatchObject({ failure: { code: "descriptionInvalid" }, summary: undefined, form: { isOpen: true, notes: ["descriptionInvalid"], file: wrong } });
  });

  it("shows thumbnails as they come, with bytes of their own, and repeats them for a page that is new", async () => {
    const { session, worker, shown, states } = setUp();
    await session.refresh();
    const done = session.showImage({ path: "/w/cat.jpg", name: "cat.jpg" });
    const call = await worker.called(1);
    expect(call).toMatchObject({ method: "layerThumbnails", args: { input: "/w/cat.jpg", layers: [], runtime: "auto" } });
    call.options.onProgress?.({ phase: "computing", done: 1, total: 2, thumbnails: [shot("layer1")] });
    call.options.onProgress?.({ phase: "computing", done: 2, total: 2, thumbnails: [shot("layer2")] });
    expect(shown.map(([run, [one]]) => [run, one?.layer, one?.mean.picture.bytes.buffer.byteLength])).toEqual([[1, "layer1", 4], [1, "layer2", 4]]);
    expect(states.at(-1)?.thumbnails.busy).toMatchObject({ done: 2, total: 2 });
    call.resolve([]);
    await done;
    expect(session.state().thumbnails).toEqual({ run: 1, busy: undefined, failure: undefined });
    session.repeatThumbnails();
    expect(shown.at(-1)?.[1].map(({ layer }) => layer)).toEqual(["layer1", "layer2"]);
  });

  it("forgets the pictures of an image when another one is chosen, and says when cancelling or failing", async () => {
    const { session, worker, shown } = setUp();
    const first = session.showImage({ path: "/w/a.jpg", name: "a.jpg" });
    const one = await worker.called(1);
    const second = session.showImage({ path: "/w/b.jpg", name: "b.jpg" });
    await first;
    one.options.onProgress?.({ phase: "computing", done: 1, total: 1, thumbnails: [shot("layer1")] });
    expect(shown).toEqual([]);
    await worker.called(2);
    session.cancel();
    await second;
    expect(session.state()).toMatchObject({ image: { name: "b.jpg" }, thumbnails: { run: 2, busy: undefined, failure: undefined } });
    const third = session.showImage({ path: "/w/c.jpg", name: "c.jpg" });
    (await worker.called(3)).reject(new WhylightError("imageInvalid"));
    await third;
    expect(session.state().thumbnails.failure).toBe("imageInvalid");
  });

  it("writes what is stated into what is there, once the worker has read it, and reads the model again", async () => {
    const checked: string[] = [];
    const { session, written } = setUp({ isFormOpen: true }, { checkDescription: ({ text }: { text: string }) => { checked.push(text); return { notes: [] }; } });
    await session.refresh();
    await session.describe({ labels: ["a", "b"], preprocess: undefined });
    expect(written).toEqual([[file.file, checked[0]], ["described", ""]]);
    expect(JSON.parse(written[0]![1])).toEqual({ layer: "layer2", labels: ["a", "b"] });
    expect(session.state().form).toMatchObject({ saved: file.file, problem: undefined });
  });

  it("writes nothing that the worker refuses, nor over a file that is no JSON", async () => {
    const refused = setUp({}, { checkDescription: () => Promise.reject(new WhylightError("descriptionInvalid")) });
    await refused.session.describe({ labels: ["a"], preprocess: undefined });
    expect(refused.session.state().form).toMatchObject({ problem: "descriptionInvalid", saved: undefined });
    const broken = setUp({}, { readDescription: () => ({ ...file, text: "{ broken" }) });
    await broken.session.describe({ labels: ["a"], preprocess: undefined });
    expect(broken.session.state().form.problem).toBe("descriptionInvalid");
    expect([...refused.written, ...broken.written]).toEqual([]);
  });

  it("takes labels out of a file that is chosen", async () => {
    const { session } = setUp({}, { readLabels: () => ({ labels: ["x", "y"] }) });
    await session.takeLabels("names.txt", "/w/names.txt");
    await session.takeLabels("names.txt", "/w/names.txt");
    expect(session.state().form.chosenLabels).toEqual({ choice: 2, file: "names.txt", labels: ["x", "y"] });
  });
});
