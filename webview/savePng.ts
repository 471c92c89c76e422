/** @file The picture as PNG bytes at the image's full size. */
import type { Heat } from "./heat.js";
import { drawLayers, heatCanvas, type Look, type Picture } from "./heatmapView.js";

/** Browsers refuse larger canvases; a larger image is saved at this side. */
const maxSide = 8192;

/** The whole image with the map as it is drawn now, without zoom and wipe. */
export async function pictureBytes(picture: Picture, heat: Heat, look: Look): Promise<Uint8Array> {
  const scale = Math.min(1, maxSide / Math.max(picture.width, picture.height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  const context = canvas.getContext("2d");
  context?.scale(scale, scale);
  if (context) drawLayers(context, picture, heatCanvas(heat, look.colormap), heat.region, { ...look, wipe: 0 }, scale);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  return new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
}

/** "pug.grad-cam.png" for "pug.jpg". */
export function suggestedName(imageName: string, method: string): string {
  return `${imageName.replace(/\.[^.]*$/, "")}.${method}.png`;
}
