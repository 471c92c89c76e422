/** @file How the reader wants the maps of a report drawn: kept across reloads. Pure. */
import { colormapIds, type ColormapId } from "../../src/drawing/colormap.js";
import type { DebugConfig } from "../../src/protocol/debug.js";

export interface DebugView {
  /** 0 to 1. */
  readonly opacity: number;
  /** Of maps without a sign; signed ones have one of two colours. */
  readonly colormap: ColormapId;
  /** Smooth between a map's own cells. */
  readonly smooth: boolean;
}

/** The view of a new report: the settings, with what a stored one knows better. */
export function initialDebugView({ view }: Pick<DebugConfig, "view">, stored: unknown): DebugView {
  const { opacity, colormap, smooth } = { ...view, ...(typeof stored === "object" ? stored : undefined) } as { opacity?: unknown; colormap?: unknown; smooth?: unknown };
  return {
    opacity: typeof opacity === "number" && opacity >= 0 && opacity <= 1 ? opacity : 0.5,
    colormap: colormapIds.find((id) => id === colormap) ?? "viridis",
    smooth: smooth !== false,
  };
}
