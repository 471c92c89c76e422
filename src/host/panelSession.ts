/** @file What one panel does and knows: its image, its choices, the job that runs and the results so far. Knows nothing of VS Code. */
import { WhylightError } from "../engine/errors.js";
import type { Chosen, Explanation, ImagePreview, MethodSummary, PanelState, RuntimeChoice, TargetSpec } from "../protocol/api.js";
import { failureOf, followProgress, ownBytes, type SessionWorld } from "./sessionWorld.js";
import { createTrustCheck } from "./trustCheck.js";
import type { Progress } from "./workerClient.js";

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
  /** Tests the result that is shown; nothing happens while a job runs. */
  checkTrust(): Promise<void>;
  /** Stops the tests; what they found so far stays. */
  cancelTrust(): void;
  /** Cancels the job and says no more. */
  dispose(): void;
}

/** The picture's longer side, in pixels, that a panel asks for. */
export const previewSide = 2048;
const cachedResults = 24;

/** A session that has done nothing yet; `refresh` or `explain` starts it. */
export function createPanelSession(subject: SessionSubject, world: SessionWorld): PanelSession {
  const results = new Map<string, Explanation>();
  let image: ImagePreview | undefined;
  let imageStamp: string | undefined;
  let catalogue: readonly MethodSummary[] | undefined;
  /** What is shown: the last whole result, or the running job's map so far. */
  let explanation: Explanation | undefined;
  let chosen = subject.chosen;
  /** The last whole result and the choices that led to it, to which a job that is cancelled or fails returns. */
  let settled: { readonly explanation: Explanation; readonly chosen: Chosen } | undefined;
  let busy: PanelState["busy"];
  let failure: PanelState["failure"];
  let job: AbortController | undefined;
  let disposed = false;

  const state = (): PanelState => ({
    strings: world.strings, modelName: subject.modelName, imageName: subject.imageName, image, explanation, busy, failure, chosen, catalogue,
    notes: explanation?.notes.map((note) => ({ code: note.code, text: world.noteText(note) })) ?? [],
    trust: trust.of(explanation),
  });
  const show = () => {
    if (!disposed) world.show(state());
  };
  const trust = createTrustCheck(world, show);
  const settle = (result: Explanation, by: Chosen) => {
    explanation = result;
    settled = { explanation: result, chosen: by };
  };
  const fail = (thrown: unknown) => {
    explanation = settled?.explanation;
    failure = failureOf(world, thrown);
  };

  /** Told by the worker; a change of phase and a map so far are shown at once, steps within a phase now and then. */
  function progressShower(running: AbortController): (progress: Progress) => void {
    const follow = followProgress(world);
    return (progress) => {
      if (running !== job) return;
      if (progress.partial) explanation = compact(progress.partial);
      const followed = follow(progress);
      busy = followed.busy;
      if (followed.isDue) show();
    };
  }

  async function loadImage(stamp: string, running: AbortController): Promise<void> {
    if (image && imageStamp === stamp) return;
    image = ownBytes(await world.call("previewImage", { path: subject.image, maxSide: previewSide }, { signal: running.signal }));
    imageStamp = stamp;
    if (running === job) show();
  }

  /** Asked for once; without an answer the page shows the methods without their parameters, and the next job asks again. */
  async function loadCatalogue(running: AbortController): Promise<void> {
    catalogue ??= await world.call("methods", {}, { signal: running.signal }).catch(() => undefined);
  }

  function remember(keys: readonly string[], result: Explanation): void {
    for (const key of keys) results.set(key, result);
    for (const oldest of results.keys()) {
      if (new Set(results.values()).size <= cachedResults) break;
      results.delete(oldest);
    }
  }

  async function run(): Promise<void> {
    job?.abort();
    // The worker does one thing after the other, and nobody waits for tests of a map that goes.
    trust.cancel();
    const running = new AbortController();
    job = running;
    const asked = chosen;
    const request = { ...asked, model: subject.model, input: subject.image, runtime: world.runtime() };
    failure = undefined;
    // What an overtaken job had so far belongs to other choices.
    explanation = settled?.explanation;
    try {
      const stamp = await world.stamp();
      const key = (target: TargetSpec, versus: TargetSpec | undefined) => resultKey(stamp, request.runtime, { ...asked, target, versus });
      const known = results.get(key(asked.target, asked.versus));
      if (running !== job) return;
      if (known && imageStamp === stamp) return settle(known, asked);
      busy = { phase: "reading", done: 0, total: 0, text: world.phaseText("starting") };
      show();
      // The image first: while the worker reads a model or interprets a graph, it answers nothing else.
      await Promise.all([loadImage(stamp, running), loadCatalogue(running)]);
      if (running !== job) return;
      const result = known ?? (await world.call("explain", request, { signal: running.signal, onProgress: progressShower(running) }));
      if (running !== job) return;
      const whole = known ?? compact(result);
      settle(whole, asked);
      // A class by its word and by its index is the same class.
      const [target, versus] = [whole.target.index, whole.versus?.index ?? asked.versus];
      remember([key(asked.target, asked.versus), key(target, asked.versus), key(asked.target, versus), key(target, versus)], whole);
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
      if (settled) ({ explanation, chosen } = settled);
      else fail(new WhylightError("cancelled"));
      show();
    },
    checkTrust: async () => {
      if (settled && !job) await trust.check(settled.explanation, { ...settled.chosen, model: subject.model, input: subject.image, runtime: world.runtime() });
    },
    cancelTrust: () => trust.cancel(),
    dispose: () => {
      disposed = true;
      trust.cancel();
      job?.abort();
      job = undefined;
    },
  };
}

/** Equal for choices that lead to the same result, in whatever order their parameters were given. */
function resultKey(stamp: string, runtime: RuntimeChoice, { method, target, versus, layer, score, parameters }: Chosen): string {
  const given = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([stamp, runtime, method, target, versus ?? null, layer ?? null, score, given]);
}

/** The explanation with arrays of its own: see `loadImage`. */
export function compact(result: Explanation): Explanation {
  const own = ({ shape, data }: Explanation["heatmap"]) => ({ shape, data: data.slice() });
  return { ...result, attribution: own(result.attribution), heatmap: own(result.heatmap) };
}
