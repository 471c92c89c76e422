/** @file Starts the page of attention: connects it to the host, or to the data in a saved page, and keeps its view. */
import type { AttentionConfig, AttentionPanelApi, AttentionPanelEvents, AttentionState } from "../../src/protocol/attention.js";
import type { AttentionMemento } from "../../src/protocol/attentionMemento.js";
import { Rpc, type Port } from "../../src/protocol/rpc.js";
import { setStrings } from "../strings.js";
import { registerControls } from "../ui.js";
import { createAttentionApp, type AttentionApp, type AttentionAsk } from "./app.js";
import "./attention.css";
import { initialAttentionView } from "./view.js";

type Nothing = Record<never, never>;

/** What VS Code stores for the page. */
export interface AttentionStorage {
  getState(): unknown;
  setState(state: AttentionMemento): void;
}

/** Asks for the state and shows it. `saved` lists the layers in a saved page; a panel has none. */
export function startAttention(root: HTMLElement, config: AttentionConfig, port: Port, storage: AttentionStorage, saved?: readonly number[]): void {
  const rpc = new Rpc<Nothing, AttentionPanelApi, Nothing, AttentionPanelEvents>(port, {});
  let app: AttentionApp | undefined;

  function show(state: AttentionState): void {
    if (!app) {
      setStrings(state.strings);
      registerControls();
      // Results come as states; a call fails only when the panel closes.
      const ask: AttentionAsk = (name, args) => void rpc.call(name, args as never).catch(() => {});
      const stored = storage.getState() as Partial<AttentionMemento> | undefined;
      app = createAttentionApp(root, initialAttentionView(config.input.kind, stored?.view), {
        config, ask, saved,
        layer: (layer) => rpc.call("layer", { layer }),
        keep: ({ target }, view) => storage.setState({ model: config.model, input: config.input, source: config.source, target, view }),
      });
    }
    app.show(state);
  }

  rpc.on("state", show);
  rpc.call("ready", {}).then(show, () => {});
}
