/** @file Keeps the last decoded images, since the panel shows the image that it explains, and explains it again with other choices. */
import { decodeImage, type DecodedImage } from "./decodeImage.js";
import { stampOf } from "./files.js";

/** More than this many bytes of pixels are not kept beside the newest image. */
const keptBytes = 256_000_000;
const keptImages = 4;

export interface ImageCache {
  /** The image as `decodeImage` gives it; decoded once while its file stays the same. */
  get(path: string): Promise<DecodedImage>;
}

/** A cache that forgets the images used longest ago. */
export function createImageCache(decode: (path: string) => Promise<DecodedImage> = decodeImage): ImageCache {
  const images = new Map<string, Promise<DecodedImage>>();
  const sizes = new Map<string, number>();

  function forget(): void {
    let bytes = 0;
    const keys = [...images.keys()].toReversed();
    for (const [age, key] of keys.entries()) {
      bytes += sizes.get(key) ?? 0;
      if (age === 0 || (age < keptImages && bytes <= keptBytes)) continue;
      images.delete(key);
      sizes.delete(key);
    }
  }

  return {
    get: async (path) => {
      const { size, mtimeMs } = stampOf(path, "inputNotFound");
      const key = `${path}\n${size}\n${mtimeMs}`;
      const image = images.get(key) ?? decode(path);
      images.delete(key);
      images.set(key, image);
      try {
        sizes.set(key, (await image).pixels.data.length);
      } catch (thrown) {
        images.delete(key);
        throw thrown;
      }
      forget();
      return image;
    },
  };
}
