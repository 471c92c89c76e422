/** @file Runs in the page before the panel's script: stands for VS Code and the host. Tests drive it through `window.fakeHost`. */
import type { ImagePreview, PanelApi, PanelEvents, PanelState } from "../../../src/protocol/api.js";
import { Rpc } from "../../../src/protocol/rpc.js";
import { channel, fakeHostWith, record, type FakePage } from "./fakeVscode.js";
import { drawImage } from "./scene.js";
import { explanation, panelState } from "./syntheticState.js";

type Nothing = Record<never, never>;

export interface FakeHost extends FakePage {
  /** Shows a state: `build` gets the image and the makers. */
  show(change: Partial<PanelState>, withImage?: boolean): void;
  explanation: typeof explanation;
}

declare global {
  interface Window {
    fakeHost: FakeHost;
  }
}

let image: ImagePreview | undefined;
const strings = window.pageStrings;
let current: PanelState = panelState(undefined, { strings });

const rpc = new Rpc<PanelApi, Nothing, PanelEvents, Nothing>(channel, {
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
});

const host: FakeHost = fakeHostWith<FakeHost>({
  show: (change, withImage = true) => {
    current = panelState(withImage ? image : undefined, { strings, ...change });
    rpc.emit("state", current);
  },
  explanation,
});
window.fakeHost = host;
