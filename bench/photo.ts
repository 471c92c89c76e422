/** @file Draws a photo-like JPEG, the same on every machine. */

export interface PhotoLook {
  /** Where the sun and the house stand, and the grain. */
  readonly seed: number;
  readonly width: number;
  readonly height: number;
}

/** A sky, a meadow, a sun and a house with grain over them. */
export async function writePhoto(path: string, { seed, width, height }: PhotoLook = { seed: 1, width: 1000, height: 750 }): Promise<void> {
  const pixels = new Uint8Array(width * height * 3);
  let state = seed;
  // Golden steps spread the places evenly, whatever the number of pictures.
  const shift = ((seed - 1) * 0.618) % 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // A linear congruential generator: grain that needs no library and is the same everywhere.
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const grain = (state >>> 24) / 8 - 16;
      colorAt((x / width + shift) % 1, y / height).forEach((value, channel) => (pixels[(y * width + x) * 3 + channel] = Math.max(0, Math.min(255, value + grain))));
    }
  }
  // Only where it is needed: a case whose memory is watched draws no photo.
  const { default: sharp } = await import("sharp");
  await sharp(pixels, { raw: { width, height, channels: 3 } }).jpeg({ quality: 90 }).toFile(path);
}

function colorAt(x: number, y: number): readonly [number, number, number] {
  if (x > 0.35 && x < 0.65 && y > 0.4 && y < 0.8) return y < 0.55 ? [150, 60, 45] : [225, 210, 180];
  if ((x - 0.82) ** 2 + ((y - 0.18) * 0.75) ** 2 < 0.006) return [250, 235, 140];
  return y < 0.62 ? [110 + 90 * y, 160 + 60 * y, 235] : [70 + 40 * Math.sin(40 * x) * y, 140 - 60 * (y - 0.62), 60];
}
