/** @file Small changes of a picture that do not change what it shows: cut, padded, mirrored, turned, brighter, of more contrast. */
import type { PixelImage, Rectangle } from "../preprocess/resample.js";

/** A part of a picture, in whole pixels; black where it reaches beyond. */
export function cut(image: PixelImage, { x, y, width, height }: Rectangle): PixelImage {
  const [left, top] = [Math.round(x), Math.round(y)];
  const [across, down] = [Math.max(1, Math.round(x + width) - left), Math.max(1, Math.round(y + height) - top)];
  const data = new Uint8ClampedArray(across * down * image.channels);
  const [from, to] = [Math.max(0, left), Math.min(image.width, left + across)];
  for (let row = Math.max(0, top); row < Math.min(image.height, top + down); row++) {
    data.set(image.data.subarray((row * image.width + from) * image.channels, (row * image.width + Math.max(from, to)) * image.channels), ((row - top) * across + from - left) * image.channels);
  }
  return { width: across, height: down, channels: image.channels, data };
}

/** The whole picture in the middle of a larger one with the sides' ratio `width / height`, the rest in its mean colour. */
export function padded(image: PixelImage, ratio: number): PixelImage {
  const [width, height] = [Math.max(image.width, Math.round(image.height * ratio)), Math.max(image.height, Math.round(image.width / ratio))];
  const { channels } = image;
  const data = new Uint8ClampedArray(width * height * channels);
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let i = c; i < image.data.length; i += channels) sum += image.data[i]!;
    const mean = sum / (image.width * image.height);
    for (let i = c; i < data.length; i += channels) data[i] = mean;
  }
  const [left, top] = [Math.floor((width - image.width) / 2), Math.floor((height - image.height) / 2)];
  const row = image.width * channels;
  for (let y = 0; y < image.height; y++) data.set(image.data.subarray(y * row, (y + 1) * row), ((y + top) * width + left) * channels);
  return { width, height, channels, data };
}

/** Left and right exchanged. */
export function mirrored(image: PixelImage): PixelImage {
  return moved(image, (x, y) => [image.width - 1 - x, y]);
}

/** Turned clockwise about its centre, bilinear; what comes in at the corners goes on from the edges. */
export function turned(image: PixelImage, degrees: number): PixelImage {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const [cx, cy] = [(image.width - 1) / 2, (image.height - 1) / 2];
  return moved(image, (x, y) => [cx + cos * (x - cx) + sin * (y - cy), cy - sin * (x - cx) + cos * (y - cy)]);
}

/** Every value multiplied. */
export function brightened(image: PixelImage, factor: number): PixelImage {
  return { ...image, data: Uint8ClampedArray.from(image.data, (value) => value * factor) };
}

/** The range of each picture's values drawn out to black and white, all channels alike, past the darkest and the brightest hundredth: what a dark or faint picture would be at a good exposure. */
export function stretched(image: PixelImage): PixelImage {
  const counts = new Uint32Array(256);
  for (const value of image.data) counts[value]!++;
  const beyond = image.data.length / 100;
  const levelOf = (levels: Iterable<number>) => {
    let seen = 0;
    for (const level of levels) if ((seen += counts[level]!) > beyond) return level;
    return 0;
  };
  const [low, high] = [levelOf(counts.keys()), levelOf([...counts.keys()].toReversed())];
  return high > low ? { ...image, data: Uint8ClampedArray.from(image.data, (value) => ((value - low) * 255) / (high - low)) } : image;
}

/** Each pixel read from a place of the picture, bilinear, clamped to its edges. */
function moved({ width, height, channels, data }: PixelImage, from: (x: number, y: number) => readonly [number, number]): PixelImage {
  const result = new Uint8ClampedArray(data.length);
  for (let y = 0, write = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [px, py] = from(x, y);
      const [sx, sy] = [Math.min(width - 1, Math.max(0, px)), Math.min(height - 1, Math.max(0, py))];
      const [left, top] = [Math.floor(sx), Math.floor(sy)];
      const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)];
      const at = (column: number, row: number, c: number) => data[(row * width + column) * channels + c]!;
      for (let c = 0; c < channels; c++, write++) {
        const upper = at(left, top, c) * (left + 1 - sx) + at(right, top, c) * (sx - left);
        const lower = at(left, bottom, c) * (left + 1 - sx) + at(right, bottom, c) * (sx - left);
        result[write] = upper * (top + 1 - sy) + lower * (sy - top);
      }
    }
  }
  return { width, height, channels, data: result };
}
