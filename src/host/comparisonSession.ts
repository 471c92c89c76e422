/** @file What one comparison does and knows: its image, its tiles, the one that is computed and the results so far. Knows nothing of VS Code. */
import { toWhylightError, type ErrorCode } from "../engine/errors.js";
import type { ImagePreview, LayerSpec, MethodId, PanelState, RuntimeChoice } from "../protocol/api.js";
import { tileRequests, type ComparedTarget, type ComparisonKind, type ComparisonState, type ComparisonTile, type TileRequest } from "../protocol/comparison.js";
import { factsOf } from "../protocol/methodFacts.js";
import { compact, previewSide } from "./panelSession.js";
import { failureOf, followProgress, ownBytes, type PageWorld } from "./sessionWorld.js";

/** What the session needs of the world: what a panel's session does, but showing a comparison or one tile of it. */
export interface ComparisonWorld extends PageWorld {
  readonly show: (state: ComparisonState) => void;
  readonly showTile: (tile: ComparisonTile) => void;
  /** An English text in the reader's language. */
  readonly translate: (english: string) => string;
}

export interface ComparisonSubject {
  readonly image: string;
  readonly model: string;
  readonly imageName: string;
  readonly modelName: string;
  readonly kind: ComparisonKind;
  readonly ids: readonly string[];
  readonly compared: ComparedTarget;
}

export interface ComparisonSession {
  state(): ComparisonState;
  /** Computes what is not there, one tile after the other; all anew where a file changed. What was stopped or failed is tried again. */
  start(): Promise<void>;
  /** Takes these tiles instead, in this order, and computes the new ones. */
  setTiles(ids: readonly string[]): Promise<void>;
  /** Explains another class or score in every tile. */
  setCompared(compared: ComparedTarget): Promise<void>;
  /** Stops the tile under way and those that wait; results stay, and so does a map so far. */
  cancel(): void;
  /** Cancels and says no more. */
  dispose(): void;
}

type Tile = { -readonly [Name in keyof ComparisonTile]: ComparisonTile[Name] };

/** What no other tile can mend: said once, for the whole comparison. */
const aboutAllTiles: ReadonlySet<ErrorCode> = new Set([
  "modelNotFound", "modelFormatUnknown", "modelCorrupt", "modelTooLarge", "modelUnsuitable", "shapeUnknown", "inputNotFound", "inputInvalid", "imageInvalid", "imageTooLarge",
  "targetUnknown", "descriptionInvalid", "runtimeUnavailable", "workerCrashed", "panelClosed", "workspaceUntrusted",
]);

/** A session that has done nothing yet; `start` starts it. */
export function createComparisonSession(subject: ComparisonSubject, world: ComparisonWorld): ComparisonSession {
  let { compared } = subject;
  let tiles = tileRequests(subject.kind, subject.ids).map(fresh);
  let image: ImagePreview | undefined;
  let catalogue: PanelState["catalogue"];
  let failure: PanelState["failure"];
  /** Of the files that the results belong to. */
  let stamp: string | undefined;
  let runtime: RuntimeChoice | undefined;
  let job: AbortController | undefined;
  let disposed = false;

  function fresh(request: TileRequest): Tile {
    const { guarantee, use } = factsOf(request.method);
    return { ...request, status: "waiting", busy: undefined, explanation: undefined, failure: undefined, notes: [], facts: { guarantee: world.translate(guarantee), use: world.translate(use) } };
  }

  const state = (): ComparisonState => ({
    strings: world.strings, kind: subject.kind, modelName: subject.modelName, imageName: subject.imageName, image, tiles: tiles.map((tile) => ({ ...tile })), compared, failure, catalogue,
  });
  const show = () => {
    if (!disposed) world.show(state());
  };
  const change = (tile: Tile, by: Partial<Tile>) => {
    Object.assign(tile, by);
    if (!disposed && tiles.includes(tile)) world.showTile({ ...tile });
  };
  const forget = () => {
    tiles = tiles.map(fresh);
  };

  async function loadSurroundings(running: AbortController): Promise<void> {
    const { signal } = running;
    const [now, chosen] = [await world.stamp(), world.runtime()];
    if (running !== job) return;
    if (stamp !== undefined && (now !== stamp || chosen !== runtime)) {
      forget();
      if (now !== stamp) image = undefined;
    }
    [stamp, runtime] = [now, chosen];
    catalogue ??= await world.call("methods", {}, { signal });
    image ??= ownBytes(await world.call("previewImage", { path: subject.image, maxSide: previewSide }, { signal }));
    if (running === job) show();
  }

  async function compute(tile: Tile, running: AbortController): Promise<void> {
    change(tile, { status: "running", failure: undefined, busy: { phase: "reading", done: 0, total: 0, text: world.phaseText("starting") } });
    const follow = followProgress(world);
    try {
      const { method, parameters } = tile;
      const request = { ...compared, layer: layerFor(method), method, parameters, model: subject.model, input: subject.image, runtime: world.runtime() };
      const result = await world.call("explain", request, {
        signal: running.signal,
        onProgress: (progress) => {
          if (tile.status !== "running") return;
          const { busy, isDue } = follow(progress);
          if (isDue) change(tile, { busy, ...(progress.partial ? { explanation: compact(progress.partial) } : {}) });
        },
      });
      if (tile.status === "running") change(tile, { status: "done", busy: undefined, explanation: compact(result), notes: result.notes.map(world.noteText) });
    } catch (thrown) {
      const error = toWhylightError(thrown);
      if (tile.status !== "running" || error.code === "cancelled") return;
      world.logFailure(error);
      const { text, actions } = world.describeFailure(error);
      if (!aboutAllTiles.has(error.code)) return change(tile, { status: "failed", busy: undefined, explanation: undefined, failure: { code: error.code, text } });
      change(tile, { status: "waiting", busy: undefined, explanation: undefined });
      failure = { code: error.code, text, actions };
    }
  }

  /** A method that looks at one layer takes the first of several. */
  function layerFor(method: MethodId): LayerSpec {
    const { layer } = compared;
    return typeof layer === "object" && catalogue?.find(({ id }) => id === method)?.layers !== "many" ? layer[0] : layer;
  }

  /** Works off the waiting tiles, also those that are added meanwhile. */
  async function run(): Promise<void> {
    if (job || disposed) return;
    const running = new AbortController();
    job = running;
    failure = undefined;
    for (const tile of tiles) if (tile.status === "stopped" || tile.status === "failed") Object.assign(tile, { status: "waiting", failure: undefined });
    show();
    try {
      await loadSurroundings(running);
      for (let next = waiting(); next && running === job && !failure; next = waiting()) await compute(next, running);
    } catch (thrown) {
      if (running === job) failure = failureOf(world, thrown);
    } finally {
      if (running === job) {
        job = undefined;
        show();
      }
    }
  }

  const waiting = () => tiles.find(({ status }) => status === "waiting");

  /** Ends what runs; tiles that wait get this status. */
  function stop(status: "stopped" | "waiting"): void {
    job?.abort();
    job = undefined;
    for (const tile of tiles) if (tile.status === "running" || tile.status === "waiting") Object.assign(tile, { status, busy: undefined });
  }

  return {
    state,
    start: run,
    setTiles: (ids) => {
      const known = new Map(tiles.map((tile) => [tile.id, tile]));
      const before = tiles;
      tiles = tileRequests(subject.kind, ids).map((request) => known.get(request.id) ?? fresh(request));
      // A tile that nobody wants any more is not computed to its end.
      if (before.some((tile) => tile.status === "running" && !tiles.includes(tile))) stop("waiting");
      show();
      return run();
    },
    setCompared: (next) => {
      stop("waiting");
      compared = next;
      forget();
      return run();
    },
    cancel: () => {
      if (!job) return;
      stop("stopped");
      show();
    },
    dispose: () => {
      disposed = true;
      stop("stopped");
    },
  };
}

