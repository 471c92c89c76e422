/** @file A saved page answers itself: what a panel asks of the host is read from the data in the page. */
import { WhylightError } from "../../src/engine/errors.js";
import type { AttentionConfig, AttentionPanelApi, AttentionPanelEvents } from "../../src/protocol/attention.js";
import { contentElement, unpackContent } from "../../src/protocol/attentionPage.js";
import { Rpc, type Frame, type Port } from "../../src/protocol/rpc.js";
import { startAttention } from "./start.js";

type Nothing = Record<never, never>;

/** Starts the page from the content that stands in it; nothing happens where there is none. */
export function startSavedPage(root: HTMLElement, config: AttentionConfig): void {
  const json = document.getElementById(contentElement)?.textContent;
  if (!json) return;
  const { state, layers, view } = unpackContent(json);
  followSystem();
  const [page, host] = pipe();
  void new Rpc<AttentionPanelApi, Nothing, AttentionPanelEvents, Nothing>(host, {
    ready: () => state,
    layer: ({ layer }) => {
      const weights = layers[layer];
      if (!weights) throw new WhylightError("attentionMissing");
      return weights;
    },
    save: ({ name, bytes }) => download(name, bytes),
    // A page that computes nothing, beside no editor.
    setTarget: () => {}, cancel: () => {}, highlight: () => {}, act: () => {},
  });
  startAttention(root, config, page, { getState: () => ({ view }), setState: () => {} }, Object.keys(layers).map(Number));
}

/** The controls take their colours again when the body's class changes, as it does with VS Code's theme. */
function followSystem(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    document.body.classList.toggle("vscode-dark", dark.matches);
    document.body.classList.toggle("vscode-light", !dark.matches);
  };
  dark.addEventListener("change", follow);
  follow();
}

/** Two ends of one wire. */
function pipe(): [Port, Port] {
  const listeners: [(frame: Frame) => void, (frame: Frame) => void] = [() => {}, () => {}];
  const end = (own: 0 | 1): Port => ({
    post: (frame) => queueMicrotask(() => listeners[own === 0 ? 1 : 0](frame)),
    onFrame: (listener) => (listeners[own] = listener),
    onClose: () => {},
  });
  return [end(0), end(1)];
}

function download(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
