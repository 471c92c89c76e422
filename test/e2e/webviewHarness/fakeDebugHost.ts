/** @file Runs in a report's page before its script: stands for VS Code and the host. Tests drive it through `window.fakeDebug`. */
import type { WhylightError } from "../../../src/engine/errors.js";
import type { ImagePreview } from "../../../src/protocol/api.js";
import type { DebugApi, DebugEvents, DebugState } from "../../../src/protocol/debug.js";
import { Rpc, type Frame } from "../../../src/protocol/rpc.js";
import { drawImage } from "./scene.js";
import { debugState, type ReportKind } from "./syntheticDebug.js";

type Nothing = Record<never, never>;

export interface FakeDebug {
  /** What the page asked for, oldest first. */
  readonly calls: { readonly name: string; readonly args: unknown }[];
  stored: unknown;
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

let toHost: (frame: Frame) => void = () => {};
const close: ((error: WhylightError) => void)[] = [];
let image: ImagePreview | undefined;
/** A fresh panel knows nothing but its names. */
let current = debugState("shortcut", undefined, { report: undefined, labels: [], busy: { phase: "reading", done: 0, total: 0, text: "Reading the model" } });

const record = (name: string) => (args: unknown) => void host.calls.push({ name, args });
const rpc = new Rpc<DebugApi, Nothing, DebugEvents, Nothing>(
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
    relabel: record("relabel"), cancel: record("cancel"), openMap: record("openMap"), explain: record("explain"), openNeighbour: record("openNeighbour"), export: record("export"), act: record("act"),
  },
);

const host: FakeDebug = {
  calls: [],
  stored: JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
  show: (kind, change = {}) => host.change({ ...debugState(kind, image), strings: window.pageStrings, ...change }),
  change: (change) => {
    current = { ...current, ...change };
    rpc.emit("debug", current);
  },
  neighbours: () => {
    for (const { file } of current.report?.neighbours?.found ?? []) if (image) host.neighbour(file, image);
  },
  neighbour: (file, picture) => rpc.emit("neighbour", { file, picture }),
};
window.fakeDebug = host;
window.acquireVsCodeApi = () => ({
  postMessage: (frame) => toHost(structuredClone(frame)),
  getState: () => host.stored,
  setState: (stored) => {
    host.stored = structuredClone(stored);
    sessionStorage.setItem("state", JSON.stringify(stored));
  },
});
