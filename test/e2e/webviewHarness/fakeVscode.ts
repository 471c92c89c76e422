/** @file VS Code as every page sees it: what a page posts reaches the fake host as a copy and back, and what it stores outlives a reload. */
import type { Frame } from "../../../src/protocol/rpc.js";

/** What every fake host tells tests of its page. */
export interface FakePage {
  /** What the page asked for, oldest first. */
  readonly calls: { readonly name: string; readonly args: unknown }[];
  /** What the page stored. */
  stored: unknown;
}

declare global {
  interface Window {
    /** Translations of the page's texts. */
    pageStrings: Readonly<Record<string, string>>;
    acquireVsCodeApi: () => {
      postMessage(frame: Frame): void;
      getState(): unknown;
      setState(state: unknown): void;
    };
  }
}

let toHost: (frame: Frame) => void = () => {};

/** The host's end of the wire. */
export const channel = {
  // As VS Code does: the page gets a copy.
  post: (frame: Frame) => void window.dispatchEvent(new MessageEvent("message", { data: structuredClone(frame) })),
  onFrame: (listener: (frame: Frame) => void) => void (toHost = listener),
  onClose: () => {},
};

const page: FakePage = { calls: [], stored: JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined };

/** Writes a call down. */
export const note = (name: string, args: unknown) => void page.calls.push({ name, args });

/** A call that is only written down. */
export const record = (name: string) => (args: unknown) => note(name, args);

/** A page's own fake host: what every one tells, and what this one does. */
export function fakeHostWith<Host extends FakePage>(own: Omit<Host, keyof FakePage>): Host {
  return Object.assign(page, own) as FakePage as Host;
}

window.acquireVsCodeApi = () => ({
  postMessage: (frame) => toHost(structuredClone(frame)),
  getState: () => page.stored,
  setState: (stored) => {
    page.stored = structuredClone(stored);
    sessionStorage.setItem("state", JSON.stringify(stored));
  },
});
