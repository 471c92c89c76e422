/** @file Runs in an attention page before its script: stands for VS Code and the host. Tests drive it through `window.fakeAttention`. */
import { WhylightError } from "../../../src/engine/errors.js";
import type { ImagePreview } from "../../../src/protocol/api.js";
import type { AttentionConfig, AttentionPanelApi, AttentionPanelEvents, AttentionState, AttentionSummary } from "../../../src/protocol/attention.js";
import { toBase64 } from "../../../src/protocol/base64.js";
import { Rpc } from "../../../src/protocol/rpc.js";
import { channel, fakeHostWith, note, record, type FakePage } from "./fakeVscode.js";
import { drawImage } from "./scene.js";
import { attentionState, attentionSummary, layerWeights, type Scene } from "./syntheticAttention.js";

type Nothing = Record<never, never>;

export interface FakeAttention extends FakePage {
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
  }
}

let image: ImagePreview | undefined;
let scene: Scene = "sentence";
let saved: { format: string; name: string; base64: string } | undefined;
const isImage = () => (JSON.parse(document.querySelector<HTMLMetaElement>('meta[name="whylight-config"]')?.content ?? "{}") as AttentionConfig).input?.kind === "image";
const plain = (): AttentionState => attentionState(isImage() ? "vit" : "sentence", { strings: window.pageStrings, image });

const rpc = new Rpc<AttentionPanelApi, Nothing, AttentionPanelEvents, Nothing>(channel, {
  ready: async () => {
    if (isImage()) image = await drawImage();
    return plain();
  },
  layer: ({ layer }) => {
    note("layer", { layer });
    if (host.lost.has(layer)) throw new WhylightError("workerCrashed");
    return layerWeights(scene, layer);
  },
  setTarget: record("setTarget"), cancel: record("cancel"), highlight: record("highlight"), act: record("act"),
  save: ({ format, name, bytes }) => {
    saved = { format, name, base64: toBase64(bytes) };
    note("save", { format, name, length: bytes.length });
  },
});

const host: FakeAttention = fakeHostWith<FakeAttention>({
  lost: new Set(),
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
});
window.fakeAttention = host;
