/** @file The compare views: what may be compared, the tiles of each, and what goes between the host and the page. */
import { methodIds, type Chosen, type Explanation, type FailureAction, type ImagePreview, type MethodId, type PanelState, type ParameterValue, type Phase } from "./api.js";
import type { ErrorCode } from "../engine/errors.js";
import { readChosen } from "./panelMemento.js";

/** Different methods, one method from different baselines, or one method with more and more samples. */
export const comparisonKinds = ["methods", "baselines", "samples"] as const;
export type ComparisonKind = (typeof comparisonKinds)[number];

/** One map of a comparison: what is asked of the worker. */
export interface TileRequest {
  /** Unique in its comparison: the method, the baseline or the number of samples. */
  readonly id: string;
  readonly method: MethodId;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** One seed for all, so that 25 samples are the 10 samples before and 15 more. */
const samplesSeed = 0;
const mostSamples = 10_000;

/** The tiles a comparison starts with: cheap methods of every family, and the sets of the textbook chapter. */
export const defaultTiles: Readonly<Record<ComparisonKind, readonly string[]>> = {
  methods: ["grad-cam", "saliency", "smoothgrad", "integrated-gradients"],
  baselines: ["black", "white", "random", "blur"],
  samples: ["10", "25", "50", "100"],
};

const readers: Readonly<Record<ComparisonKind, (id: string) => Omit<TileRequest, "id"> | undefined>> = {
  methods: (id) => {
    const method = methodIds.find((known) => known === id);
    return method && { method, parameters: {} };
  },
  // A path beside the named baselines: the worker refuses what is neither.
  baselines: (id) => (id === "" ? undefined : { method: "integrated-gradients", parameters: { baseline: id } }),
  samples: (id) => (/^[1-9]\d*$/.test(id) && Number(id) <= mostSamples ? { method: "smoothgrad", parameters: { samples: Number(id), seed: samplesSeed } } : undefined),
};

/** The tile of an id; `undefined` when the comparison has no such tile. */
export function tileRequest(kind: ComparisonKind, id: string): TileRequest | undefined {
  const read = readers[kind](id);
  return read && { id, ...read };
}

/** The tiles of several ids, each once, without those that are none. */
export function tileRequests(kind: ComparisonKind, ids: readonly string[]): TileRequest[] {
  return [...new Set(ids)].flatMap((id) => tileRequest(kind, id) ?? []);
}

/** What the maps of a comparison explain: the same class by the same score. */
export type ComparedTarget = Pick<Chosen, "target" | "versus" | "score" | "layer">;

export type TileStatus = "waiting" | "running" | "done" | "failed" | "stopped";

/** One tile as the page shows it. */
export interface ComparisonTile extends TileRequest {
  readonly status: TileStatus;
  readonly busy: { readonly phase: Phase; readonly done: number; readonly total: number; readonly text: string } | undefined;
  /** The result, or the map so far (`partial` is set then). */
  readonly explanation: Explanation | undefined;
  /** One sentence with a next step. */
  readonly failure: { readonly code: ErrorCode; readonly text: string } | undefined;
  readonly notes: readonly string[];
  /** What the method promises and what it is for, in the reader's language. */
  readonly facts: { readonly guarantee: string; readonly use: string };
}

/** What a comparison shows. Sent whole when its set of tiles changes; a change within a tile sends that tile whole. */
export interface ComparisonState {
  readonly strings: Readonly<Record<string, string>>;
  readonly kind: ComparisonKind;
  readonly modelName: string;
  readonly imageName: string;
  readonly image: ImagePreview | undefined;
  readonly tiles: readonly ComparisonTile[];
  readonly compared: ComparedTarget;
  /** Set when nothing can be compared at all. */
  readonly failure: PanelState["failure"];
  /** Every method, for the picker; `undefined` until the worker told. */
  readonly catalogue: PanelState["catalogue"];
}

/** Page to host. */
export interface ComparisonApi {
  ready(p: Record<string, never>): ComparisonState;
  /** Takes these tiles instead, in this order; results that are there stay. */
  setTiles(p: { readonly ids: readonly string[] }): void;
  cancel(p: Record<string, never>): void;
  /** Goes on with what was stopped, and tries again what failed. */
  resume(p: Record<string, never>): void;
  /** Opens a tile's explanation in a panel of its own. */
  open(p: { readonly id: string }): void;
  act(p: { readonly action: FailureAction["id"] }): void;
}

/** Host to page. */
export interface ComparisonEvents {
  comparison: ComparisonState;
  tile: ComparisonTile;
}

/** How the tiles are drawn and ordered; none of it needs computing again. */
export interface ComparisonView {
  readonly scale: "own" | "shared";
  readonly colormap: string;
  readonly opacity: number;
  readonly smooth: boolean;
  /** `drawn` reduces each map as its method is usually drawn. */
  readonly values: "drawn" | "max-abs" | "sum-abs" | "signed";
  readonly order: "asked" | "time" | "noise";
  readonly pinned: string | undefined;
  /** The two tiles of the slider, while it is shown. */
  readonly sides: { readonly left: string; readonly right: string } | undefined;
  /** The share of the slider's picture, from its left, that shows the left tile. */
  readonly split: number;
}

/** Written into the page. Paths are URIs as text. */
export interface ComparisonConfig {
  readonly page: "comparison";
  readonly image: string;
  readonly model: string;
  readonly kind: ComparisonKind;
  readonly view: Pick<ComparisonView, "opacity" | "colormap">;
}

/** What the page stores with `setState` and the serializer gets back. */
export interface ComparisonMemento {
  readonly image: string;
  readonly model: string;
  readonly kind: ComparisonKind;
  readonly ids: readonly string[];
  readonly compared: ComparedTarget;
  readonly view: ComparisonView;
}

/** The subject and choices of a stored comparison; `undefined` when what was stored is not one's. */
export function readComparisonMemento(stored: unknown): Omit<ComparisonMemento, "view"> | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { image, model, kind, ids, compared } = stored as Readonly<Record<keyof ComparisonMemento, unknown>>;
  const known = comparisonKinds.find((one) => one === kind);
  const chosen = typeof compared === "object" && compared !== null ? readChosen({ ...compared, method: methodIds[0], parameters: {} }) : undefined;
  if (typeof image !== "string" || typeof model !== "string" || !known || !chosen || !Array.isArray(ids)) return undefined;
  const { target, versus, score, layer } = chosen;
  return { image, model, kind: known, ids: tileRequests(known, ids.filter((id) => typeof id === "string")).map(({ id }) => id), compared: { target, versus, score, layer } };
}
