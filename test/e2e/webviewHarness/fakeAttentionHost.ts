/** @file Runs in an attention page before its script: stands for VS Code and the host. Tests drive it through `window.fakeAttention`. */
import { WhylightError } from "../../../src/engine/errors.js";
import type { ImagePreview } from "../../../src/protocol/api.js";
import type { AttentionConfig, AttentionPanelApi, AttentionPanelEvents, AttentionState, AttentionSummary } from "../../../src/protocol/attention.js";
import { toBase64 } from "../../../src/protocol/base64.js";
import { Rpc, type Frame } from "../../../src/protocol/rpc.js";
import { drawImage } from "./scene.js";
import { attentionState, attentionSummary, layerWeights, type Scene } from "./syntheticAttention.js";

type Nothing = Record<never, never>;

export interface FakeAttention {
  /** What the page asked for, oldest first; files as text or as their length. */
  readonly calls: { readonly name: string; readonly args: unknown }[];
  stored: unknown;
  /** Layers that cannot be had. */
  readonly lost: Set<number>;
  /** Shows a scene, finished. */
  show(scene: Scene, summary?: Partial<AttentionSummary>, state?: Partial<AttentionState>): void;
  /** Shows a state as it is. */
  state(change: Partial<AttentionState>): void;
  /** The last file that was saved, in base64. */
  saved(): { readonly format: string; readonly name: string; readonly base64: string } | undefined;
  weight(scene: Scene, layer: number, head: number, query: number, key: number): number;
}

declare global {
  interface Window {
    fakeAttention: FakeAttention;
    /** Translations of the page's texts. */
    pageStrings: Readonly<Record<string, string>>;
  }
}

let toHost: (frame: Frame) => void = () => {};
let image: ImagePreview | undefined;
let scene: Scene = "sentence";
let saved: { format: string; name: string; base64: string } | undefined;
const isImage = () => (JSON.parse(document.querySelector<HTMLMetaElement>('meta[name="whylight-config"]')?.content ?? "{}") as AttentionConfig).input?.kind === "image";
const plain = (): AttentionState => attentionState(isImage() ? "vit" : "sentence", { strings: window.pageStrings, image });

const record = (name: string) => (args: unknown) => void host.calls.push({ name, args });
const rpc = new Rpc<AttentionPanelApi, Nothing, AttentionPanelEvents, Nothing>(
  {
    // As VS Code does: the page gets a copy.
    post: (frame) => window.dispatchEvent(new MessageEvent("message", { data: structuredClone(frame) })),
    onFrame: (listener) => (toHost = listener),
    onClose: () => {},
  },
  {
    ready: async () => {
      if (isImage()) image = await drawImage();
      return plain();
    },
    layer: ({ layer }) => {
      host.calls.push({ name: "layer", args: { layer } });
      if (host.lost.has(layer)) throw new WhylightError("workerCrashed");
      return layerWeights(scene, layer);
    },
    setTarget: record("setTarget"), cancel: record("cancel"), highlight: record("highlight"), act: record("act"),
    save: ({ format, name, bytes }) => {
      saved = { format, name, base64: toBase64(bytes) };
      host.calls.push({ name: "save", args: { format, name, length: bytes.length } });
    },
  },
);

const host: FakeAttention = {
  calls: [], lost: new Set(),
  stored: JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
  show: (next, summary = {}, state = {}) => {
    scene = next;
    rpc.emit("state", { ...attentionState(next, { strings: window.pageStrings, image, summary: attentionSummary(next, summary) }), ...state });
  },
  state: (change) => rpc.emit("state", { ...plain(), ...change }),
  saved: () => saved,
  weight: (of, layer, head, query, key) => {
    const { shape: [, , queries = 1, keys = 1], data } = layerWeights(of, layer);
    return data[(head * queries + query) * keys + key] ?? NaN;
  },
};
window.fakeAttention = host;
window.acquireVsCodeApi = () => ({
  postMessage: (frame) => toHost(structuredClone(frame)),
  getState: () => host.stored,
  setState: (stored) => {
    host.stored = structuredClone(stored);
    sessionStorage.setItem("state", JSON.stringify(stored));
  },
});
