/** @file Runs in an audit's page before its script: stands for VS Code and the host. Tests drive it through `window.fakeAudit`. */
import { WhylightError } from "../../../src/engine/errors.js";
import type { AuditApi, AuditEvents, AuditState } from "../../../src/protocol/audit.js";
import type { ImagePreview } from "../../../src/protocol/api.js";
import { Rpc } from "../../../src/protocol/rpc.js";
import { channel, fakeHostWith, record, type FakePage } from "./fakeVscode.js";
import { auditComparison, auditImages, auditLabels, auditState, auditSummary, changedImages, filtered, type AuditKind, type SyntheticImage } from "./syntheticAudit.js";

type Nothing = Record<never, never>;

export interface FakeAudit extends FakePage {
  /** The lists it asked for, and how many small pictures it asked for, got and gave up. */
  readonly lists: Parameters<AuditApi["images"]>[0][];
  readonly thumbnails: { asked: number; sent: number; dropped: number };
  /** Milliseconds that a small picture takes. */
  thumbnailDelay: number;
  /** Shows an audit, finished unless `change` says otherwise. */
  show(kind: AuditKind, change?: Partial<AuditState>): void;
  /** Shows a state without results. */
  showState(change: Partial<AuditState>): void;
  compare(): void;
}

declare global {
  interface Window {
    fakeAudit: FakeAudit;
  }
}

let kind: AuditKind = "shortcut";
const made = new Map<AuditKind, SyntheticImage[]>();
const imagesOf = (of: AuditKind) => {
  const images = made.get(of) ?? auditImages(of);
  made.set(of, images);
  return images;
};
let current: AuditState = auditState({});
const lists = new Map<string, SyntheticImage[]>();

const rpc = new Rpc<AuditApi, Nothing, AuditEvents, Nothing>(channel, {
  ready: () => (current = { ...current, strings: window.pageStrings }),
  images: (request) => {
    host.lists.push(request);
    const key = JSON.stringify([kind, request.filter, request.order]);
    const list = lists.get(key) ?? filtered(imagesOf(kind), request.filter, request.order);
    lists.set(key, list);
    return { total: list.length, images: list.slice(request.offset, request.offset + request.count) };
  },
  changed: ({ change, offset, count }) => {
    const list = changedImages(imagesOf(kind), auditLabels(kind), change);
    return { total: list.length, images: list.slice(offset, offset + count) };
  },
  thumbnail: async ({ file, hasMap, side }, { signal }) => {
    host.thumbnails.asked++;
    await new Promise<void>((done) => {
      setTimeout(done, host.thumbnailDelay);
      signal.addEventListener("abort", () => done());
    });
    if (signal.aborted) {
      host.thumbnails.dropped++;
      throw new WhylightError("cancelled");
    }
    host.thumbnails.sent++;
    return drawThumbnail(file, hasMap, side);
  },
  cancel: record("cancel"), resume: record("resume"), open: record("open"), showAs: record("showAs"), compare: record("compare"), export: record("export"), act: record("act"),
});

/** A road sign by the file's name; with a hot corner where a map is asked for. */
async function drawThumbnail(file: string, hasMap: boolean, side: number): Promise<ImagePreview> {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas here");
  const seed = Array.from(file).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  context.fillStyle = `hsl(${seed % 360} 25% ${45 + (seed % 25)}%)`;
  context.fillRect(0, 0, side, side);
  context.fillStyle = `hsl(${(seed * 7) % 360} 60% 45%)`;
  context.beginPath();
  context.arc(side / 2, side / 2, side * 0.3, 0, 7);
  context.fill();
  context.fillStyle = "#fff";
  context.fillRect(side * 0.35, side * 0.45, side * 0.3, side * 0.1);
  if (hasMap) {
    const heat = context.createRadialGradient(side * 0.15, side * 0.15, 0, side * 0.15, side * 0.15, side * 0.5);
    heat.addColorStop(0, "rgb(253 231 37 / 75%)");
    heat.addColorStop(0.5, "rgb(33 145 140 / 60%)");
    heat.addColorStop(1, "rgb(68 1 84 / 50%)");
    context.fillStyle = heat;
    context.fillRect(0, 0, side, side);
  }
  return { bytes: new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer()), mime: "image/png", width: side, height: side };
}

const host: FakeAudit = fakeHostWith<FakeAudit>({
  lists: [], thumbnails: { asked: 0, sent: 0, dropped: 0 }, thumbnailDelay: 5,
  show: (of, change = {}) => {
    kind = of;
    host.showState({ summary: auditSummary(of, imagesOf(of)), ...change });
  },
  showState: (change) => {
    current = auditState({ strings: window.pageStrings, ...change });
    rpc.emit("audit", current);
  },
  compare: () => {
    current = { ...current, comparison: auditComparison(imagesOf(kind), auditLabels(kind)) };
    rpc.emit("audit", current);
  },
});
window.fakeAudit = host;
