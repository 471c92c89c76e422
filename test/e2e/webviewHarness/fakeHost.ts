/** @file Runs in the page before the panel's script: stands for VS Code and the host. Tests drive it through `window.fakeHost`. */
import type { WhylightError } from "../../../src/engine/errors.js";
import type { ImagePreview, PanelApi, PanelEvents, PanelState } from "../../../src/protocol/api.js";
import { Rpc, type Frame } from "../../../src/protocol/rpc.js";
import { drawImage } from "./scene.js";
import { explanation, panelState } from "./syntheticState.js";

type Nothing = Record<never, never>;
type Call = { readonly name: string; readonly args: unknown };

export interface FakeHost {
  /** What the page asked for, oldest first. */
  readonly calls: Call[];
  /** What the page stored. */
  stored: unknown;
  /** Shows a state: `build` gets the image and the makers. */
  show(change: Partial<PanelState>, withImage?: boolean): void;
  explanation: typeof explanation;
}

declare global {
  interface Window {
    fakeHost: FakeHost;
    /** Translations of the page's texts. */
    pageStrings: Readonly<Record<string, string>>;
    acquireVsCodeApi: () => {
      postMessage(frame: Frame): void;
      getState(): unknown;
      setState(state: unknown): void;
    };
  }
}

let toHost: (frame: Frame) => void = () => {};
const close: ((error: WhylightError) => void)[] = [];
let image: ImagePreview | undefined;
const strings = window.pageStrings;
let current: PanelState = panelState(undefined, { strings });

const record = (name: string) => (args: unknown) => void host.calls.push({ name, args });
const rpc = new Rpc<PanelApi, Nothing, PanelEvents, Nothing>(
  {
    // As VS Code does: the page gets a copy.
    post: (frame) =>
      window.dispatchEvent(new MessageEvent("message", { data: structuredClone(frame) })),
    onFrame: (listener) => (toHost = listener),
    onClose: (listener) => close.push(listener),
  },
  {
    ready: async () => {
      image = await drawImage();
      return current;
    },
    explain: record("explain"),
    cancel: record("cancel"),
    checkTrust: record("checkTrust"),
    cancelTrust: record("cancelTrust"),
    compare: record("compare"),
    exportPicture: record("exportPicture"),
    act: record("act"),
  },
);

const host: FakeHost = {
  calls: [],
  stored: JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
  show: (change, withImage = true) => {
    current = panelState(withImage ? image : undefined, { strings, ...change });
    rpc.emit("state", current);
  },
  explanation,
};
window.fakeHost = host;
window.acquireVsCodeApi = () => ({
  postMessage: (frame) => toHost(structuredClone(frame)),
  getState: () => host.stored,
  setState: (state) => {
    host.stored = structuredClone(state);
    sessionStorage.setItem("state", JSON.stringify(state));
  },
});
