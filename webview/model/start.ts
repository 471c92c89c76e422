/** @file Starts the page of a model: connects it to the host and keeps which image it shows. */
import type { ModelPageApi, ModelPageConfig, ModelPageEvents, ModelPageMemento, ModelPageState } from "../../src/protocol/modelPage.js";
import { Rpc, type Port } from "../../src/protocol/rpc.js";
import { setStrings } from "../strings.js";
import { registerControls } from "../ui.js";
import { createModelApp, type ModelApp, type ModelAsk } from "./app.js";
import "./model.css";

type Nothing = Record<never, never>;

/** What VS Code stores for the page. */
export interface ModelStorage {
  getState(): unknown;
  setState(state: ModelPageMemento): void;
}

/** Asks for the state and shows it. */
export function startModel(root: HTMLElement, config: ModelPageConfig, port: Port, storage: ModelStorage): void {
  const rpc = new Rpc<Nothing, ModelPageApi, Nothing, ModelPageEvents>(port, {});
  let app: ModelApp | undefined;

  function show(state: ModelPageState): void {
    if (!app) {
      setStrings(state.strings);
      registerControls();
      // Results come as states; a call fails only when the panel closes.
      const ask: ModelAsk = (name, args) => void rpc.call(name, args as never).catch(() => {});
      app = createModelApp(root, ask, ({ image, form }) => storage.setState({ model: config.model, image: image?.path, isFormOpen: form.isOpen }));
    }
    app.show(state);
  }

  rpc.on("model", show);
  rpc.on("thumbnails", ({ run, layers }) => app?.addThumbnails(run, layers));
  rpc.call("ready", {}).then(show, () => {});
}
