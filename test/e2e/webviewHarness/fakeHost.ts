/** @file Runs in the page before the panel's script: stands for VS Code and the host. Tests drive it through `window.fakeHost`. */
import type { WhylightError } from "../../../src/engine/errors.js";
import type { ImagePreview, PanelApi, PanelEvents, PanelState } from "../../../src/protocol/api.js";
import { Rpc, type Frame } from "../../../src/protocol/rpc.js";
import { explanation, imageSize, panelState } from "./syntheticState.js";

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
let current: PanelState = panelState(undefined);

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
    savePng: record("savePng"),
    act: record("act"),
  },
);

const host: FakeHost = {
  calls: [],
  stored: JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
  show: (change, withImage = true) => {
    current = panelState(withImage ? image : undefined, change);
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

/** A scene with a few flat shapes, so that a map over it is easy to judge. */
async function drawImage(): Promise<ImagePreview> {
  const { width, height } = imageSize;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas here");
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, "#7fb0d8");
  sky.addColorStop(0.65, "#dfe7e4");
  sky.addColorStop(0.66, "#8d9b6a");
  sky.addColorStop(1, "#5b6d3f");
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#b9a38a";
  context.fillRect(0, 270, width, 90);
  context.fillStyle = "#6b5138";
  context.beginPath();
  context.ellipse(370, 225, 85, 55, 0, 0, 7);
  context.ellipse(425, 160, 38, 36, 0, 0, 7);
  context.fill();
  context.beginPath();
  context.moveTo(395, 140);
  context.lineTo(402, 105);
  context.lineTo(422, 128);
  context.moveTo(430, 128);
  context.lineTo(452, 105);
  context.lineTo(457, 142);
  context.fill();
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return { bytes: new Uint8Array(await blob.arrayBuffer()), mime: "image/png", width, height };
}
