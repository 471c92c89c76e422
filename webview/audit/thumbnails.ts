/** @file Small pictures fetched a few at a time, those in sight first; what scrolled away is no longer asked for. */

/** A picture of a file, with the map over it or without. */
export interface Thumbnail {
  readonly file: string;
  readonly hasMap: boolean;
}

export interface Thumbnails {
  /** The picture's address, `null` where it cannot be had, `undefined` while it is not here. */
  get(thumbnail: Thumbnail): string | null | undefined;
  /** Fetches these, the first ones first, and no others. */
  want(thumbnails: readonly Thumbnail[]): void;
}

/** How pictures are fetched, shown and let go. */
export interface ThumbnailSource {
  fetch(thumbnail: Thumbnail, signal: AbortSignal): Promise<string>;
  release(address: string): void;
  /** A picture came, or cannot be had. */
  changed(): void;
}

const keyOf = ({ file, hasMap }: Thumbnail) => `${hasMap ? "map" : "plain"} ${file}`;

/** Fetches `atOnce` at a time and keeps the `most` last seen. */
export function createThumbnails(source: ThumbnailSource, atOnce = 6, most = 600): Thumbnails {
  const known = new Map<string, string | null>();
  const running = new Map<string, AbortController>();
  let queue: readonly Thumbnail[] = [];
  let wanted: ReadonlySet<string> = new Set();

  function keep(key: string, address: string | null): void {
    known.delete(key);
    known.set(key, address);
    for (const [oldest, old] of known) {
      if (known.size <= most) break;
      // What is wanted now would only be fetched again.
      if (wanted.has(oldest)) continue;
      known.delete(oldest);
      if (old !== null) source.release(old);
    }
  }

  function load(thumbnail: Thumbnail): void {
    const key = keyOf(thumbnail);
    const controller = new AbortController();
    running.set(key, controller);
    source.fetch(thumbnail, controller.signal).then((address) => keep(key, address), () => {
      if (!controller.signal.aborted) keep(key, null);
    }).finally(() => {
      if (running.get(key) === controller) running.delete(key);
      source.changed();
      next();
    }).catch(() => {});
  }

  function next(): void {
    for (const thumbnail of queue) {
      if (running.size >= atOnce) return;
      const key = keyOf(thumbnail);
      if (!known.has(key) && !running.has(key)) load(thumbnail);
    }
  }

  return {
    get: (thumbnail) => {
      const key = keyOf(thumbnail);
      const address = known.get(key);
      if (address !== undefined) keep(key, address);
      return address;
    },
    want: (thumbnails) => {
      queue = thumbnails;
      wanted = new Set(thumbnails.map(keyOf));
      for (const [key, controller] of running) {
        if (wanted.has(key)) continue;
        controller.abort();
        running.delete(key);
      }
      next();
    },
  };
}
