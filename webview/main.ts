/** @file The page's start: connects to the host, asks for the state and shows it. */
import "./style.css";
import { WhylightError } from "../src/engine/errors.js";
import type { PanelApi, PanelEvents, PanelState } from "../src/protocol/api.js";
import type { PanelConfig, PanelMemento } from "../src/protocol/panelMemento.js";
import { Rpc, type Frame, type Port } from "../src/protocol/rpc.js";
import { createApp, type App, type Ask } from "./app.js";
import { initialView } from "./state.js";
import { setStrings } from "./strings.js";
import { registerControls } from "./ui.js";

type Nothing = Record<never, never>;

const vscode = acquireVsCodeApi<PanelMemento>();
const root = document.getElementById("whylight");
const config = readConfig();
let app: App | undefined;

const port: Port = {
  post: (frame) => vscode.postMessage(frame),
  onFrame: (listener) => window.addEventListener("message", ({ data }: MessageEvent<Frame>) => listener(data)),
  onClose: (listener) => window.addEventListener("pagehide", () => listener(new WhylightError("panelClosed"))),
};
const rpc = new Rpc<Nothing, PanelApi, Nothing, PanelEvents>(port, {});

function show(state: PanelState): void {
  if (!root) return;
  if (!app) {
    setStrings(state.strings);
    registerControls();
    // Results come as states; a call fails only when the panel closes.
    const ask: Ask = (name, args) => void rpc.call(name, args as never).catch(() => {});
    app = createApp(root, initialView(config, vscode.getState()?.view), ask, (chosen, view) => {
      if (config) vscode.setState({ image: config.image, model: config.model, chosen, view });
    });
  }
  app.show(state);
}

function readConfig(): PanelConfig | undefined {
  const content = document.querySelector<HTMLMetaElement>('meta[name="whylight-config"]')?.content;
  return content === undefined ? undefined : (JSON.parse(content) as PanelConfig);
}

rpc.on("state", show);
rpc.call("ready", {}).then(show, () => {});
