/** @file Zoom and pan as arithmetic. Pure. Lengths are CSS pixels, unless said to be image pixels. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `zoom` 1 fits the whole image; the pan shifts its middle. */
export interface Viewport {
  readonly zoom: number;
  readonly panX: number;
  readonly panY: number;
}

export const fitted: Viewport = { zoom: 1, panX: 0, panY: 0 };
const maxZoom = 64;

/** Where the image's corner lies on the stage, and how many CSS pixels one image pixel takes. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Places the image for a viewport. */
export function place(stage: Size, image: Size, { zoom, panX, panY }: Viewport): Placement {
  const scale = Math.min(stage.width / image.width, stage.height / image.height) * zoom;
  return { scale, x: (stage.width - image.width * scale) / 2 + panX, y: (stage.height - image.height * scale) / 2 + panY };
}

/** Zooms by a factor so that the image's point under (`x`, `y`) of the stage stays there. */
export function zoomAt(stage: Size, image: Size, viewport: Viewport, factor: number, x: number, y: number): Viewport {
  const before = place(stage, image, viewport);
  const zoom = Math.min(maxZoom, Math.max(1, viewport.zoom * factor));
  const next = place(stage, image, { ...viewport, zoom });
  const [imageX, imageY] = [(x - before.x) / before.scale, (y - before.y) / before.scale];
  return clamp(stage, image, { zoom, panX: viewport.panX + x - (next.x + imageX * next.scale), panY: viewport.panY + y - (next.y + imageY * next.scale) });
}

/** Moves the image. */
export function panBy(stage: Size, image: Size, viewport: Viewport, dx: number, dy: number): Viewport {
  return clamp(stage, image, { ...viewport, panX: viewport.panX + dx, panY: viewport.panY + dy });
}

/** Keeps an image larger than the stage covering it, and a smaller one in its middle. */
export function clamp(stage: Size, image: Size, viewport: Viewport): Viewport {
  const { scale } = place(stage, image, viewport);
  const reachX = Math.max(0, (image.width * scale - stage.width) / 2);
  const reachY = Math.max(0, (image.height * scale - stage.height) / 2);
  return { zoom: viewport.zoom, panX: Math.min(reachX, Math.max(-reachX, viewport.panX)), panY: Math.min(reachY, Math.max(-reachY, viewport.panY)) };
}
