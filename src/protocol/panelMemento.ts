/** @file What a panel keeps across reloads, and what the host tells a new panel before its first state. */
import { methodIds, type Chosen, type LayerSpec, type MethodId, type ParameterValue } from "./api.js";

/** What people set for a method last, for when they come back to it. */
export type KeptParameters = Readonly<Partial<Record<MethodId, Chosen["parameters"]>>>;

/** Written into the page. Paths are URIs as text. */
export interface PanelConfig {
  readonly image: string;
  readonly model: string;
  readonly view: { readonly opacity: number; readonly colormap: string };
}

/** What the webview stores with `setState` and the serializer gets back. */
export interface PanelMemento {
  readonly image: string;
  readonly model: string;
  readonly chosen: Chosen;
  readonly parameters: KeptParameters;
  /** How the map is drawn, which only the page knows. */
  readonly view: unknown;
}

type Loose = Readonly<Record<string, unknown>>;

/** The subject and choices of a stored panel; `undefined` when what was stored is not a panel's, as after an update. */
export function readMemento(stored: unknown): Pick<PanelMemento, "image" | "model" | "chosen"> | undefined {
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
