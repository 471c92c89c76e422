/** @file What one panel does and knows: its image, its choices, the job that runs and the results so far. Knows nothing of VS Code. */
import { WhylightError, toWhylightError } from "../engine/errors.js";
import type { Chosen, Explanation, FailureAction, ImagePreview, Note, PanelState, Phase, RuntimeChoice } from "../protocol/api.js";
import type { Progress, WorkerClient } from "./workerClient.js";

/** What the session needs of the world. */
export interface SessionWorld {
  readonly call: WorkerClient["call"];
  /** Shows a state; called at every change once `start` was called. */
  readonly show: (state: PanelState) => void;
  readonly strings: Readonly<Record<string, string>>;
  readonly phaseText: (phase: Phase | "starting") => string;
  readonly noteText: (note: Note) => string;
  readonly describeFailure: (error: WhylightError) => { readonly text: string; readonly actions: readonly FailureAction[] };
  readonly runtime: () => RuntimeChoice;
  /** Changes when the image, the model or its description changes on disk, so that no stale result is shown as new. */
  readonly stamp: () => Promise<string>;
  readonly logFailure: (error: WhylightError) => void;
}

export interface SessionSubject {
  readonly image: string;
  readonly model: string;
  readonly imageName: string;
  readonly modelName: string;
  readonly chosen: Chosen;
}

export interface PanelSession {
  state(): PanelState;
  /** Explains with these choices; a job under way is cancelled. A result that is still true is shown at once. */
  explain(chosen: Chosen): Promise<void>;
  /** Explains again with what is chosen, and reads the image again where it failed or changed. */
  refresh(): Promise<void>;
  cancel(): void;
  /** Cancels the job and says no more. */
  dispose(): void;
}

/** The picture's longer side, in pixels, that a panel asks for. */
const previewSide = 2048;
const cachedResults = 24;
/** Progress within a phase is shown at most this often, since every state goes whole. */
const progressEveryMs = 200;

/** A session that has done nothing yet; `refresh` or `explain` starts it. */
export function createPanelSession(subject: SessionSubject, world: SessionWorld): PanelSession {
  const results = new Map<string, Explanation>();
  let image: ImagePreview | undefined;
  let imageStamp: string | undefined;
  let explanation: Explanation | undefined;
  let chosen = subject.chosen;
  /** The choices that led to `explanation`. */
  let shownChosen: Chosen | undefined;
  let busy: PanelState["busy"];
  let failure: PanelState["failure"];
  let job: AbortController | undefined;
  let disposed = false;

  const state = (): PanelState => ({
    strings: world.strings, modelName: subject.modelName, imageName: subject.imageName, image, explanation, busy, failure, chosen,
    notes: explanation?.notes.map(world.noteText) ?? [],
  });
  const show = () => {
    if (!disposed) world.show(state());
  };
  const fail = (thrown: unknown) => {
    const error = toWhylightError(thrown);
    if (error.code !== "cancelled") world.logFailure(error);
    failure = { code: error.code, ...world.describeFailure(error) };
  };

  /** Told by the worker; a change of phase is shown at once, steps within it now and then. */
  function progressShower(running: AbortController): (progress: Progress) => void {
    let shownAt = 0;
    return ({ phase, done, total }) => {
      if (running !== job) return;
      const now = Date.now();
      const isNews = phase !== busy?.phase || busy.total === 0;
      busy = { phase, done, total, text: world.phaseText(phase) };
      if (!isNews && now - shownAt < progressEveryMs) return;
      shownAt = now;
      show();
    };
  }

  async function loadImage(stamp: string, running: AbortController): Promise<void> {
    if (image && imageStamp === stamp) return;
    const preview = await world.call("previewImage", { path: subject.image, maxSide: previewSide }, { signal: running.signal });
    // What came over the process channel is a view on a larger buffer, all of which would travel on to the webview.
    image = { ...preview, bytes: preview.bytes.slice() };
    imageStamp = stamp;
    if (running === job) show();
  }

  function remember(keys: readonly string[], result: Explanation): void {
    for (const key of keys) results.set(key, result);
    for (const oldest of results.keys()) {
      if (results.size <= cachedResults) break;
      results.delete(oldest);
    }
  }

  async function run(): Promise<void> {
    job?.abort();
    const running = new AbortController();
    job = running;
    const asked = chosen;
    const request = { ...asked, model: subject.model, input: subject.image, runtime: world.runtime() };
    failure = undefined;
    try {
      const stamp = await world.stamp();
      const key = (target: Chosen["target"]) => JSON.stringify([stamp, request.runtime, { ...asked, target }]);
      const known = results.get(key(request.target));
      if (running !== job) return;
      if (known && imageStamp === stamp) {
        explanation = known;
        shownChosen = asked;
        return;
      }
      busy = { phase: "reading", done: 0, total: 0, text: world.phaseText("starting") };
      show();
      // The image first: while the worker reads a model or interprets a graph, it answers nothing else.
      await loadImage(stamp, running);
      if (running !== job) return;
      const result = known ?? (await world.call("explain", request, { signal: running.signal, onProgress: progressShower(running) }));
      if (running !== job) return;
      explanation = known ?? compact(result);
      shownChosen = asked;
      remember([key(asked.target), key(explanation.target.index)], explanation);
    } catch (thrown) {
      if (running === job) fail(thrown);
    } finally {
      if (running === job) {
        job = undefined;
        busy = undefined;
        show();
      }
    }
  }

  return {
    state,
    explain: (next) => {
      chosen = next;
      return run();
    },
    refresh: run,
    cancel: () => {
      if (!job) return;
      job.abort();
      job = undefined;
      busy = undefined;
      if (shownChosen) chosen = shownChosen;
      else fail(new WhylightError("cancelled"));
      show();
    },
    dispose: () => {
      disposed = true;
      job?.abort();
      job = undefined;
    },
  };
}

/** The explanation with arrays of its own: see `loadImage`. */
function compact(result: Explanation): Explanation {
  const own = ({ shape, data }: Explanation["heatmap"]) => ({ shape, data: data.slice() });
  return { ...result, attribution: own(result.attribution), heatmap: own(result.heatmap) };
}
