/** @file The picture the page's tests explain. */
import type { ImagePreview } from "../../../src/protocol/api.js";
import { imageSize } from "./syntheticState.js";

/** A scene with a few flat shapes, so that a map over it is easy to judge. */
export async function drawImage(): Promise<ImagePreview> {
  const { width, height } = imageSize;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas here");
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, "#7fb0d8");
  sky.addColorStop(0.65, "#dfe7e4");
  sky.addColorStop(0.66, "#8d9b6a");
  sky.addColorStop(1, "#5b6d3f");
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#b9a38a";
  context.fillRect(0, 270, width, 90);
  context.fillStyle = "#6b5138";
  context.beginPath();
  context.ellipse(370, 225, 85, 55, 0, 0, 7);
  context.ellipse(425, 160, 38, 36, 0, 0, 7);
  context.fill();
  context.beginPath();
  context.moveTo(395, 140);
  context.lineTo(402, 105);
  context.lineTo(422, 128);
  context.moveTo(430, 128);
  context.lineTo(452, 105);
  context.lineTo(457, 142);
  context.fill();
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return { bytes: new Uint8Array(await blob.arrayBuffer()), mime: "image/png", width, height };
}
