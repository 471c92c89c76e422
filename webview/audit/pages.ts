/** @file A long list fetched page by page as it comes into sight, with pages that scrolled away no longer asked for. */

/** A page of a list. */
export interface Page<Item> {
  readonly total: number;
  readonly images: readonly Item[];
}

export interface Pages<Item> {
  /** How many items there are; `undefined` until the first page is here. */
  total(): number | undefined;
  get(index: number): Item | undefined;
  /** Whether the list could not be had. */
  hasFailed(): boolean;
  /** Fetches what is missing from `first` up to `end`, and gives up what is on its way elsewhere. */
  want(first: number, end: number): void;
  /** Starts again, with another list. */
  restart(fetch: Fetch<Item>): void;
}

/** Asks for some items; an aborted signal says that nobody waits for them. */
export type Fetch<Item> = (offset: number, count: number, signal: AbortSignal) => Promise<Page<Item>>;

/** Pages of `size` items; the last `most` used are kept. `changed` is called when a page came or failed. */
export function createPages<Item>(changed: () => void, size = 60, most = 60): Pages<Item> {
  let fetch: Fetch<Item> | undefined;
  let known = new Map<number, readonly Item[]>();
  let pending = new Map<number, AbortController>();
  let total: number | undefined;
  let failed = false;

  function load(page: number, ask: Fetch<Item>): void {
    const controller = new AbortController();
    const mine = pending;
    mine.set(page, controller);
    ask(page * size, size, controller.signal).then((answer) => {
      if (mine !== pending) return;
      total = answer.total;
      keep(page, answer.images);
    }, () => {
      if (mine === pending && !controller.signal.aborted) failed = true;
    }).finally(() => {
      if (mine.get(page) === controller) mine.delete(page);
      if (mine === pending) changed();
    }).catch(() => {});
  }

  function keep(page: number, items: readonly Item[]): void {
    known.delete(page);
    known.set(page, items);
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
  }

  return {
    total: () => total,
    get: (index) => known.get(Math.floor(index / size))?.[index % size],
    hasFailed: () => failed,
    want: (first, end) => {
      if (!fetch || failed) return;
      const [from, to] = [Math.floor(first / size), Math.max(Math.floor(first / size), Math.ceil(end / size) - 1)];
      for (const [page, controller] of pending) {
        if (page >= from && page <= to) continue;
        controller.abort();
        pending.delete(page);
      }
      for (let page = from; page <= to; page++) {
        const items = known.get(page);
        if (items) keep(page, items);
        else if (!pending.has(page)) load(page, fetch);
      }
    },
    restart: (next) => {
      for (const controller of pending.values()) controller.abort();
      [fetch, known, pending, total, failed] = [next, new Map(), new Map(), undefined, false];
    },
  };
}
