/** @file What a panel keeps across reloads, and what the host tells a new panel before its first state. */
import { methodIds, type Chosen, type LayerSpec, type MethodId, type ParameterValue } from "./api.js";

/** How the map is drawn; none of it needs computing again. */
export interface ViewState {
  /** 0 shows the image alone, 1 the map alone. */
  readonly opacity: number;
  /** A `ColormapId`; an unknown one falls back to the default. */
  readonly colormap: string;
  readonly smooth: boolean;
  /** How the raw tensor becomes one value per place, per kind of map. */
  readonly pixelValues: "max-abs" | "sum-abs" | "signed-sum";
  readonly camValues: "positive" | "signed";
  /** The share of the picture, from its left, that shows the original. */
  readonly wipe: number;
}

/** Written into the page. Paths are URIs as text. */
export interface PanelConfig {
  readonly image: string;
  readonly model: string;
  readonly view: Pick<ViewState, "opacity" | "colormap">;
}

/** What the webview stores with `setState` and the serializer gets back. */
export interface PanelMemento {
  readonly image: string;
  readonly model: string;
  readonly chosen: Chosen;
  readonly view: ViewState;
}

type Loose = Readonly<Record<string, unknown>>;

/** The subject and choices of a stored panel; `undefined` when what was stored is not a panel's, as after an update. */
export function readMemento(stored: unknown): Omit<PanelMemento, "view"> | undefined {
  if (!isObject(stored)) return undefined;
  const { image, model, chosen } = stored as { image?: unknown; model?: unknown; chosen?: unknown };
  const choices = readChosen(chosen);
  if (typeof image !== "string" || typeof model !== "string" || !choices) return undefined;
  return { image, model, chosen: choices };
}

/** Choices that came from a page, checked; `undefined` when they are none. */
export function readChosen(value: unknown): Chosen | undefined {
  if (!isObject(value)) return undefined;
  const { method, target, versus, layer, score, parameters } = value as Readonly<Record<keyof Chosen, unknown>>;
  if (!(methodIds as readonly unknown[]).includes(method)) return undefined;
  if (typeof target !== "string" && typeof target !== "number") return undefined;
  if (score !== "logit" && score !== "probability") return undefined;
  const kept = isObject(parameters) ? Object.entries(parameters).filter(([, given]) => ["number", "string", "boolean"].includes(typeof given)) : [];
  return {
    method: method as MethodId, target, versus: typeof versus === "string" || typeof versus === "number" ? versus : undefined, layer: readLayer(layer), score,
    parameters: Object.fromEntries(kept) as Record<string, ParameterValue>,
  };
}

function readLayer(layer: unknown): LayerSpec {
  if (typeof layer === "string") return layer;
  return Array.isArray(layer) && layer.every((name) => typeof name === "string") ? layer : undefined;
}

function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null;
}
