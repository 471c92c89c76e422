/** @file What one attention panel does and knows: its text or image, the class it weighs by, the job that runs and the results so far. Knows nothing of VS Code. */
import type { CancelSignal } from "../engine/cancellation.js";
import { WhylightError } from "../engine/errors.js";
import type { ImagePreview, PlainTensor, TargetSpec } from "../protocol/api.js";
import type { AttentionInput, AttentionState, AttentionSummary, AttentionWeights } from "../protocol/attention.js";
import { previewSide } from "./panelSession.js";
import { failureOf, followProgress, ownBytes, type PageWorld } from "./sessionWorld.js";

/** What the session needs of the world: what a panel's session does, but showing attention. */
export interface AttentionWorld extends PageWorld {
  readonly show: (state: AttentionState) => void;
}

export interface AttentionSubject {
  readonly model: string;
  readonly modelName: string;
  readonly inputName: string;
  /** An image is its file's path. */
  readonly input: AttentionInput;
  readonly target: TargetSpec;
}

export interface AttentionSession {
  state(): AttentionState;
  /** Computes where nothing is there yet or a file changed. */
  refresh(): Promise<void>;
  /** Weighs by the gradient of another class. */
  setTarget(target: TargetSpec): Promise<void>;
  /** The weights of one layer of what is shown. Rejects when nothing is shown, and as the worker does. */
  layer(layer: number, signal?: CancelSignal): Promise<AttentionWeights>;
  cancel(): void;
  /** Cancels the job and says no more. */
  dispose(): void;
}

/** Results kept, so that going back to a class computes nothing. */
const cachedResults = 6;

/** A session that has done nothing yet; `refresh` starts it. */
export function createAttentionSession(subject: AttentionSubject, world: AttentionWorld): AttentionSession {
  const { model, input } = subject;
  const results = new Map<string, AttentionSummary>();
  let image: ImagePreview | undefined;
  let imageStamp: string | undefined;
  let summary: AttentionSummary | undefined;
  let target = subject.target;
  /** The class of what is shown, to which a job that is cancelled returns. */
  let settledTarget = target;
  let busy: AttentionState["busy"];
  let failure: AttentionState["failure"];
  let job: AbortController | undefined;
  let disposed = false;

  const state = (): AttentionState => ({
    strings: world.strings, modelName: subject.modelName, inputName: subject.inputName, image, summary, busy, failure, target,
    notes: summary?.notes.map((note) => ({ code: note.code, text: world.noteText(note) })) ?? [],
  });
  const show = () => {
    if (!disposed) world.show(state());
  };
  const fail = (thrown: unknown) => {
    failure = failureOf(world, thrown);
  };
  const settle = (result: AttentionSummary, by: TargetSpec) => {
    summary = result;
    settledTarget = by;
  };

  async function loadImage(stamp: string, running: AbortController): Promise<void> {
    if (input.kind !== "image" || (image && imageStamp === stamp)) return;
    image = ownBytes(await world.call("previewImage", { path: input.path, maxSide: previewSide }, { signal: running.signal }));
    imageStamp = stamp;
    if (running === job) show();
  }

  async function run(): Promise<void> {
    job?.abort();
    const running = new AbortController();
    job = running;
    const asked = target;
    const runtime = world.runtime();
    failure = undefined;
    const follow = followProgress(world);
    try {
      const stamp = await world.stamp();
      if (running !== job) return;
      const key = (of: TargetSpec) => JSON.stringify([stamp, runtime, of]);
      const known = results.get(key(asked));
      if (known) {
        settle(known, asked);
        return;
      }
      busy = { phase: "reading", done: 0, total: 0, text: world.phaseText("starting") };
      show();
      await loadImage(stamp, running);
      if (running !== job) return;
      const result = await world.call("attention", { model, input, target: asked, runtime }, {
        signal: running.signal,
        onProgress: (progress) => {
          if (running !== job) return;
          const followed = follow(progress);
          busy = followed.busy;
          if (followed.isDue) show();
        },
      });
      if (running !== job) return;
      const whole = compact(result);
      settle(whole, asked);
      // A class by its word and by its index is the same class.
      for (const of of [asked, ...(whole.target ? [whole.target.index] : [])]) results.set(key(of), whole);
      for (const oldest of results.keys()) {
        if (new Set(results.values()).size <= cachedResults) break;
        results.delete(oldest);
      }
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
    refresh: run,
    setTarget: (next) => {
      target = next;
      return run();
    },
    layer: async (layer, signal) => {
      if (!summary) throw new WhylightError("cancelled");
      return own(await world.call("attentionLayer", { request: summary.request, layer }, signal ? { signal } : {}));
    },
    cancel: () => {
      if (!job) return;
      job.abort();
      job = undefined;
      busy = undefined;
      if (summary) target = settledTarget;
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

const own = ({ shape, data }: PlainTensor): PlainTensor => ({ shape, data: data.slice() });
const ownIf = (tensor: PlainTensor | undefined) => tensor && own(tensor);

/** The summary with arrays of its own: see `loadImage`. */
function compact(summary: AttentionSummary): AttentionSummary {
  return {
    ...summary,
    average: ownIf(summary.average), rollout: ownIf(summary.rollout), relevance: ownIf(summary.relevance), entropy: own(summary.entropy), distance: own(summary.distance),
    thumbnails: { ...summary.thumbnails, values: summary.thumbnails.values.slice() },
  };
}
