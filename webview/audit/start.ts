/** @file Starts the page of an audit: connects it to the host and keeps its view. */
import type { ImagePreview } from "../../src/protocol/api.js";
import type { AuditApi, AuditConfig, AuditEvents, AuditState } from "../../src/protocol/audit.js";
import type { AuditMemento } from "../../src/protocol/auditMemento.js";
import { Rpc, type Port } from "../../src/protocol/rpc.js";
import { setStrings } from "../strings.js";
import { registerControls } from "../ui.js";
import { createAuditApp, type AuditApp, type AuditAsk } from "./app.js";
import "./audit.css";
import { initialAuditView, type AuditView } from "./view.js";

type Nothing = Record<never, never>;

/** What VS Code stores for the page. */
export interface AuditStorage {
  getState(): unknown;
  setState(state: AuditMemento): void;
}

/** Asks for the state and shows it. */
export function startAudit(root: HTMLElement, config: AuditConfig, port: Port, storage: AuditStorage): void {
  const rpc = new Rpc<Nothing, AuditApi, Nothing, AuditEvents>(port, {});
  let app: AuditApp | undefined;

  function show(state: AuditState): void {
    if (!app) {
      setStrings(state.strings);
      registerControls();
      // Results come as states; a call fails only when the panel closes.
      const ask: AuditAsk = (name, args) => void rpc.call(name, args as never).catch(() => {});
      const stored = (storage.getState() as Partial<AuditMemento> | undefined)?.view as Partial<AuditView> | undefined;
      app = createAuditApp(root, initialAuditView(stored), stored !== undefined, {
        ask,
        images: (request, signal) => rpc.call("images", request, { signal }),
        changed: (request, signal) => rpc.call("changed", request, { signal }),
        thumbnail: async (request, signal) => addressOf(await rpc.call("thumbnail", request, { signal })),
        keep: (view) => storage.setState({ audit: config.audit, view }),
      });
    }
    app.show(state);
  }

  rpc.on("audit", show);
  rpc.call("ready", {}).then(show, () => {});
}

/** The browser decodes a picture beside everything else; whoever asked lets the address go. */
function addressOf({ bytes, mime }: ImagePreview): string {
  return URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: mime }));
}
