/** @file The page's start: connects to the host, asks for the state and shows it, as an explanation or as a comparison. */
import "./style.css";
import { WhylightError } from "../src/engine/errors.js";
import type { PanelApi, PanelEvents, PanelState } from "../src/protocol/api.js";
import type { ComparisonConfig, ComparisonMemento } from "../src/protocol/comparison.js";
import type { PanelConfig, PanelMemento } from "../src/protocol/panelMemento.js";
import { Rpc, type Frame, type Port } from "../src/protocol/rpc.js";
import { createApp, type App, type Ask } from "./app.js";
import { startComparison } from "./compare/start.js";
import { setStrings } from "./strings.js";
import { registerControls } from "./ui.js";
import { initialView } from "./view.js";

type Nothing = Record<never, never>;

const vscode = acquireVsCodeApi<PanelMemento | ComparisonMemento>();
const root = document.getElementById("whylight");
const config = readConfig();

const port: Port = {
  post: (frame) => vscode.postMessage(frame),
  onFrame: (listener) => window.addEventListener("message", ({ data }: MessageEvent<Frame>) => listener(data)),
  onClose: (listener) => window.addEventListener("pagehide", () => listener(new WhylightError("panelClosed"))),
};

function startExplanation(page: HTMLElement, about: PanelConfig | undefined): void {
  const rpc = new Rpc<Nothing, PanelApi, Nothing, PanelEvents>(port, {});
  let app: App | undefined;

  function show(state: PanelState): void {
    if (!app) {
      setStrings(state.strings);
      registerControls();
      // Results come as states; a call fails only when the panel closes.
      const ask: Ask = (name, args) => void rpc.call(name, args as never).catch(() => {});
      const stored = vscode.getState() as PanelMemento | undefined;
      app = createApp(page, { view: initialView(about?.view, stored?.view), parameters: stored?.parameters ?? {} }, ask, (chosen, kept) => {
        if (about) vscode.setState({ image: about.image, model: about.model, chosen, ...kept });
      });
    }
    app.show(state);
  }

  rpc.on("state", show);
  rpc.call("ready", {}).then(show, () => {});
}

function readConfig(): PanelConfig | ComparisonConfig | undefined {
  const content = document.querySelector<HTMLMetaElement>('meta[name="whylight-config"]')?.content;
  return content === undefined ? undefined : (JSON.parse(content) as PanelConfig | ComparisonConfig);
}

if (root && config && "page" in config) startComparison(root, config, port, vscode);
else if (root) startExplanation(root, config);
