/** @file Runs in a comparison's page before its script: stands for VS Code and the host. Tests drive it through `window.fakeComparison`. */
import type { Explanation, ImagePreview } from "../../../src/protocol/api.js";
import type { ComparisonApi, ComparisonConfig, ComparisonEvents, ComparisonKind, ComparisonState, ComparisonTile } from "../../../src/protocol/comparison.js";
import { Rpc } from "../../../src/protocol/rpc.js";
import { channel, fakeHostWith, record, type FakePage } from "./fakeVscode.js";
import { drawImage } from "./scene.js";
import { comparisonState, comparisonTile, tileExplanation } from "./syntheticComparison.js";

type Nothing = Record<never, never>;

export interface FakeComparison extends FakePage {
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
  }
}

let image: ImagePreview | undefined;
const kindOf = (): ComparisonKind => (JSON.parse(document.querySelector<HTMLMetaElement>('meta[name="whylight-config"]')?.content ?? "{}") as ComparisonConfig).kind;
let current: ComparisonState | undefined;
const state = () => (current ??= comparisonState(kindOf(), image, { strings: window.pageStrings }));

const rpc = new Rpc<ComparisonApi, Nothing, ComparisonEvents, Nothing>(channel, {
  ready: async () => {
    image = await drawImage();
    return (current = { ...state(), image });
  },
  setTiles: record("setTiles"), cancel: record("cancel"), resume: record("resume"), open: record("open"), act: record("act"),
});

const host: FakeComparison = fakeHostWith<FakeComparison>({
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
});
window.fakeComparison = host;
