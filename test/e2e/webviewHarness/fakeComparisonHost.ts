/** @file Runs in a comparison's page before its script: stands for VS Code and the host. Tests drive it through `window.fakeComparison`. */
import type { WhylightError } from "../../../src/engine/errors.js";
import type { Explanation, ImagePreview } from "../../../src/protocol/api.js";
import type { ComparisonApi, ComparisonConfig, ComparisonEvents, ComparisonKind, ComparisonState, ComparisonTile } from "../../../src/protocol/comparison.js";
import { Rpc, type Frame } from "../../../src/protocol/rpc.js";
import { drawImage } from "./scene.js";
import { comparisonState, comparisonTile, tileExplanation } from "./syntheticComparison.js";

type Nothing = Record<never, never>;

export interface FakeComparison {
  /** What the page asked for, oldest first. */
  readonly calls: { readonly name: string; readonly args: unknown }[];
  stored: unknown;
  /** Shows a state; a kind that is not given stays. */
  show(change?: Partial<ComparisonState>): void;
  /** Shows these tiles, all finished. */
  finish(ids?: readonly string[]): void;
  /** Changes one tile, as the host does while it computes. */
  tile(id: string, change: Partial<ComparisonTile>): void;
  explain(id: string, change?: Partial<Explanation>): Explanation;
}

declare global {
  interface Window {
    fakeComparison: FakeComparison;
    /** Translations of the page's texts. */
    pageStrings: Readonly<Record<string, string>>;
  }
}

let toHost: (frame: Frame) => void = () => {};
const close: ((error: WhylightError) => void)[] = [];
let image: ImagePreview | undefined;
const kindOf = (): ComparisonKind => (JSON.parse(document.querySelector<HTMLMetaElement>('meta[name="whylight-config"]')?.content ?? "{}") as ComparisonConfig).kind;
let current: ComparisonState | undefined;
const state = () => (current ??= comparisonState(kindOf(), image, { strings: window.pageStrings }));

const record = (name: string) => (args: unknown) => void host.calls.push({ name, args });
const rpc = new Rpc<ComparisonApi, Nothing, ComparisonEvents, Nothing>(
  {
    // As VS Code does: the page gets a copy.
    post: (frame) => window.dispatchEvent(new MessageEvent("message", { data: structuredClone(frame) })),
    onFrame: (listener) => (toHost = listener),
    onClose: (listener) => close.push(listener),
  },
  {
    ready: async () => {
      image = await drawImage();
      return (current = { ...state(), image });
    },
    setTiles: record("setTiles"), cancel: record("cancel"), resume: record("resume"), open: record("open"), act: record("act"),
  },
);

const host: FakeComparison = {
  calls: [],
  stored: JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
  show: (change = {}) => {
    current = { ...state(), ...change };
    rpc.emit("comparison", current);
  },
  finish: (ids) => {
    const { kind, tiles } = state();
    host.show({ tiles: (ids ?? tiles.map(({ id }) => id)).map((id) => comparisonTile(kind, id, { status: "done", explanation: tileExplanation(kind, id) })) });
  },
  tile: (id, change) => {
    const { tiles } = state();
    current = { ...state(), tiles: tiles.map((tile) => (tile.id === id ? { ...tile, ...change } : tile)) };
    const changed = current.tiles.find((tile) => tile.id === id);
    if (changed) rpc.emit("tile", changed);
  },
  explain: (id, change) => tileExplanation(state().kind, id, change),
};
window.fakeComparison = host;
window.acquireVsCodeApi = () => ({
  postMessage: (frame) => toHost(structuredClone(frame)),
  getState: () => host.stored,
  setState: (stored) => {
    host.stored = structuredClone(stored);
    sessionStorage.setItem("state", JSON.stringify(stored));
  },
});
