/** @file Starts the page of a misclassification report: connects it to the host and keeps its view. */
import type { DebugApi, DebugConfig, DebugEvents, DebugMemento, DebugState } from "../../src/protocol/debug.js";
import { Rpc, type Port } from "../../src/protocol/rpc.js";
import { setStrings } from "../strings.js";
import { registerControls } from "../ui.js";
import { createDebugApp, type DebugApp, type DebugAsk } from "./app.js";
import "./debug.css";
import { initialDebugView } from "./view.js";

type Nothing = Record<never, never>;

/** What VS Code stores for the page. */
export interface DebugStorage {
  getState(): unknown;
  setState(state: DebugMemento): void;
}

/** Asks for the state and shows it. */
export function startDebug(root: HTMLElement, config: DebugConfig, port: Port, storage: DebugStorage): void {
  const rpc = new Rpc<Nothing, DebugApi, Nothing, DebugEvents>(port, {});
  const { image, model, among } = config;
  let app: DebugApp | undefined;

  function show(state: DebugState): void {
    if (!app) {
      setStrings(state.strings);
      registerControls();
      // Results come as states; a call fails only when the panel closes.
      const ask: DebugAsk = (name, args) => void rpc.call(name, args as never).catch(() => {});
      const stored = storage.getState() as Partial<DebugMemento> | undefined;
      app = createDebugApp(root, initialDebugView(config, stored?.view), {
        config, ask,
        keep: (label, view) => storage.setState({ image, model, among, ...label, view }),
      });
    }
    app.show(state);
  }

  rpc.on("debug", show);
  rpc.on("neighbour", ({ file, picture }) => app?.showNeighbour(file, picture));
  rpc.call("ready", {}).then(show, () => {});
}
