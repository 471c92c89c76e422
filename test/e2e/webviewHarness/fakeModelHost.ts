/** @file Runs in a model's page before its script: stands for VS Code and the host. Tests drive it through `window.fakeModel`. */
import type { ImagePreview } from "../../../src/protocol/api.js";
import type { ModelPageApi, ModelPageEvents, ModelPageState } from "../../../src/protocol/modelPage.js";
import { Rpc } from "../../../src/protocol/rpc.js";
import { channel, fakeHostWith, record, type FakePage } from "./fakeVscode.js";
import { drawImage } from "./scene.js";
import { drawThumbnails, emptyModelState, modelState, type ModelKind } from "./syntheticModelPage.js";

type Nothing = Record<never, never>;

export interface FakeModel extends FakePage {
  /** Shows a model of a kind, with changes. */
  show(kind: ModelKind, change?: Partial<ModelPageState>): void;
  /** Shows a state with changes, as it is otherwise. */
  change(change: Partial<ModelPageState>): void;
  form(change: Partial<ModelPageState["form"]>): void;
  /** Shows an image, and as many of the layers' pictures as wanted. */
  thumbnails(run: number, count: number): Promise<void>;
}

declare global {
  interface Window {
    fakeModel: FakeModel;
  }
}

let image: ImagePreview | undefined;
let current: ModelPageState = emptyModelState;

const rpc = new Rpc<ModelPageApi, Nothing, ModelPageEvents, Nothing>(channel, {
  ready: async () => {
    image = await drawImage();
    return (current = { ...current, strings: window.pageStrings });
  },
  act: record("act"), cancel: record("cancel"), use: record("use"), showGraph: record("showGraph"), chooseImage: record("chooseImage"), openForm: record("openForm"), chooseLabels: record("chooseLabels"), describe: record("describe"), editFile: record("editFile"),
});

const host: FakeModel = fakeHostWith<FakeModel>({
  show: (kind, change = {}) => host.change({ ...modelState(kind), strings: window.pageStrings, ...change }),
  change: (change) => {
    current = { ...current, ...change };
    rpc.emit("model", current);
  },
  form: (change) => host.change({ form: { ...current.form, ...change } }),
  thumbnails: async (run, count) => {
    const layers = current.summary?.layers ?? [];
    const busy = count < layers.length ? { phase: "computing" as const, done: count, total: layers.length, text: "Computing" } : undefined;
    host.change({ image: { path: "/workspace/images/cat.jpg", name: "cat.jpg", preview: image }, thumbnails: { run, busy, failure: undefined } });
    rpc.emit("thumbnails", { run, layers: await drawThumbnails(layers.slice(0, count)) });
  },
});
window.fakeModel = host;
