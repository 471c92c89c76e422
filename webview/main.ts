/** @file The page's start: connects to the host, asks for the state and shows it, as an explanation, a comparison, attention, a misclassification report, an audit or a model. */
import "./style.css";
import { WhylightError } from "../src/engine/errors.js";
import type { PanelApi, PanelEvents, PanelState } from "../src/protocol/api.js";
import type { AttentionConfig } from "../src/protocol/attention.js";
import type { AttentionMemento } from "../src/protocol/attentionMemento.js";
import type { AuditConfig } from "../src/protocol/audit.js";
import type { AuditMemento } from "../src/protocol/auditMemento.js";
import type { ComparisonConfig, ComparisonMemento } from "../src/protocol/comparison.js";
import type { DebugConfig, DebugMemento } from "../src/protocol/debug.js";
import type { ModelPageConfig, ModelPageMemento } from "../src/protocol/modelPage.js";
import type { PanelConfig, PanelMemento } from "../src/protocol/panelMemento.js";
import { Rpc, type Frame, type Port } from "../src/protocol/rpc.js";
import { createApp, type App, type Ask } from "./app.js";
import { startSavedPage } from "./attention/savedPage.js";
import { startAttention } from "./attention/start.js";
import { startAudit } from "./audit/start.js";
import { startComparison } from "./compare/start.js";
import { startDebug } from "./debug/start.js";
import { startModel } from "./model/start.js";
import { setStrings } from "./strings.js";
import { registerControls } from "./ui.js";
import { initialView } from "./view.js";

type Nothing = Record<never, never>;

type Config = PanelConfig | ComparisonConfig | AttentionConfig | DebugConfig | AuditConfig | ModelPageConfig;
type VsCode = ReturnType<typeof acquireVsCodeApi<PanelMemento | ComparisonMemento | AttentionMemento | DebugMemento | AuditMemento | ModelPageMemento>>;

/** The wire to the host. */
function portOf(vscode: VsCode): Port {
  return {
    post: (frame) => vscode.postMessage(frame),
    onFrame: (listener) => window.addEventListener("message", ({ data }: MessageEvent<Frame>) => listener(data)),
    onClose: (listener) => window.addEventListener("pagehide", () => listener(new WhylightError("panelClosed"))),
  };
}

function startExplanation(page: HTMLElement, about: PanelConfig | undefined, vscode: VsCode): void {
  const rpc = new Rpc<Nothing, PanelApi, Nothing, PanelEvents>(portOf(vscode), {});
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

function readConfig(): Config | undefined {
  const content = document.querySelector<HTMLMetaElement>('meta[name="whylight-config"]')?.content;
  return content === undefined ? undefined : (JSON.parse(content) as Config);
}

function start(root: HTMLElement, config: Config | undefined): void {
  // A saved page stands in a browser of its own.
  if (typeof acquireVsCodeApi === "undefined") return config && "page" in config && config.page === "attention" ? startSavedPage(root, config) : undefined;
  const vscode: VsCode = acquireVsCodeApi();
  if (!config || !("page" in config)) return startExplanation(root, config, vscode);
  const port = portOf(vscode);
  if (config.page === "debug") return startDebug(root, config, port, vscode);
  if (config.page === "audit") return startAudit(root, config, port, vscode);
  if (config.page === "model") return startModel(root, config, port, vscode);
  return config.page === "attention" ? startAttention(root, config, port, vscode) : startComparison(root, config, port, vscode);
}

const root = document.getElementById("whylight");
if (root) start(root, readConfig());
