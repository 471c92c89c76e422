/** @file Starts the page of a comparison: connects it to the host and keeps its view. */
import type { ComparisonApi, ComparisonConfig, ComparisonEvents, ComparisonMemento, ComparisonState } from "../../src/protocol/comparison.js";
import { Rpc, type Port } from "../../src/protocol/rpc.js";
import { setStrings } from "../strings.js";
import { registerControls } from "../ui.js";
import { createComparisonApp, type ComparisonApp, type ComparisonAsk } from "./app.js";
import "./compare.css";
import { initialComparisonView } from "./maps.js";

type Nothing = Record<never, never>;

/** What VS Code stores for the page. */
export interface Storage {
  getState(): unknown;
  setState(state: ComparisonMemento): void;
}

/** Asks for the state and shows it. */
export function startComparison(root: HTMLElement, config: ComparisonConfig, port: Port, storage: Storage): void {
  const rpc = new Rpc<Nothing, ComparisonApi, Nothing, ComparisonEvents>(port, {});
  let app: ComparisonApp | undefined;

  function show(state: ComparisonState): void {
    if (!app) {
      setStrings(state.strings);
      registerControls();
      // Results come as states; a call fails only when the panel closes.
      const ask: ComparisonAsk = (name, args) => void rpc.call(name, args as never).catch(() => {});
      const stored = storage.getState() as Partial<ComparisonMemento> | undefined;
      app = createComparisonApp(root, initialComparisonView(config, stored?.view), ask, ({ kind, tiles, compared }, view) => {
        storage.setState({ image: config.image, model: config.model, kind, ids: tiles.map(({ id }) => id), compared, view });
      });
    }
    app.show(state);
  }

  rpc.on("comparison", show);
  rpc.on("tile", (tile) => app?.showTile(tile));
  rpc.call("ready", {}).then(show, () => {});
}
