/** @file Runs in a model's page before its script: stands for VS Code and the host. Tests drive it through `window.fakeModel`. */
import type { WhylightError } from "../../../src/engine/errors.js";
import type { ImagePreview } from "../../../src/protocol/api.js";
import type { ModelPageApi, ModelPageEvents, ModelPageState } from "../../../src/protocol/modelPage.js";
import { Rpc, type Frame } from "../../../src/protocol/rpc.js";
import { drawImage } from "./scene.js";
import { drawThumbnails, emptyModelState, modelState, type ModelKind } from "./syntheticModelPage.js";

type Nothing = Record<never, never>;

export interface FakeModel {
  /** What the page asked for, oldest first. */
  readonly calls: { readonly name: string; readonly args: unknown }[];
  stored: unknown;
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

let toHost: (frame: Frame) => void = () => {};
const close: ((error: WhylightError) => void)[] = [];
let image: ImagePreview | undefined;
let current: ModelPageState = emptyModelState;

const record = (name: string) => (args: unknown) => void host.calls.push({ name, args });
const rpc = new Rpc<ModelPageApi, Nothing, ModelPageEvents, Nothing>(
  {
    // As VS Code does: the page gets a copy.
    post: (frame) => window.dispatchEvent(new MessageEvent("message", { data: structuredClone(frame) })),
    onFrame: (listener) => (toHost = listener),
    onClose: (listener) => close.push(listener),
  },
  {
    ready: async () => {
      image = await drawImage();
      return (current = { ...current, strings: window.pageStrings });
    },
    act: record("act"), cancel: record("cancel"), use: record("use"), showGraph: record("showGraph"), chooseImage: record("chooseImage"), openForm: record("openForm"), chooseLabels: record("chooseLabels"), describe: record("describe"), editFile: record("editFile"),
  },
);

const host: FakeModel = {
  calls: [],
  stored: JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
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
};
window.fakeModel = host;
window.acquireVsCodeApi = () => ({
  postMessage: (frame) => toHost(structuredClone(frame)),
  getState: () => host.stored,
  setState: (stored) => {
    host.stored = structuredClone(stored);
    sessionStorage.setItem("state", JSON.stringify(stored));
  },
});
