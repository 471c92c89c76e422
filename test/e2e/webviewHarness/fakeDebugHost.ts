/** @file Runs in a report's page before its script: stands for VS Code and the host. Tests drive it through `window.fakeDebug`. */
import type { ImagePreview } from "../../../src/protocol/api.js";
import type { DebugApi, DebugEvents, DebugState } from "../../../src/protocol/debug.js";
import { Rpc } from "../../../src/protocol/rpc.js";
import { channel, fakeHostWith, record, type FakePage } from "./fakeVscode.js";
import { drawImage } from "./scene.js";
import { debugState, type ReportKind } from "./syntheticDebug.js";

type Nothing = Record<never, never>;

export interface FakeDebug extends FakePage {
  /** Shows a finished report of a kind, with changes. */
  show(kind: ReportKind, change?: Partial<DebugState>): void;
  /** Shows a state with changes, as it is otherwise. */
  change(change: Partial<DebugState>): void;
  /** Sends the small pictures of near files, all of them the scene, or one. */
  neighbours(): void;
  neighbour(file: string, picture: ImagePreview): void;
}

declare global {
  interface Window {
    fakeDebug: FakeDebug;
  }
}

let image: ImagePreview | undefined;
/** A fresh panel knows nothing but its names. */
let current = debugState("shortcut", undefined, { report: undefined, labels: [], busy: { phase: "reading", done: 0, total: 0, text: "Reading the model" } });

const rpc = new Rpc<DebugApi, Nothing, DebugEvents, Nothing>(channel, {
  ready: async () => {
    image = await drawImage();
    return (current = { ...current, strings: window.pageStrings });
  },
  relabel: record("relabel"), cancel: record("cancel"), openMap: record("openMap"), explain: record("explain"), openNeighbour: record("openNeighbour"), export: record("export"), act: record("act"),
});

const host: FakeDebug = fakeHostWith<FakeDebug>({
  show: (kind, change = {}) => host.change({ ...debugState(kind, image), strings: window.pageStrings, ...change }),
  change: (change) => {
    current = { ...current, ...change };
    rpc.emit("debug", current);
  },
  neighbours: () => {
    for (const { file } of current.report?.neighbours?.found ?? []) if (image) host.neighbour(file, image);
  },
  neighbour: (file, picture) => rpc.emit("neighbour", { file, picture }),
});
window.fakeDebug = host;
