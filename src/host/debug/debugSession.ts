/** @file What one misclassification report's panel does and knows: its image, the labels it is held against, the job that runs and the report. Knows nothing of VS Code. */
import * as path from "node:path";
import { WhylightError } from "../../engine/errors.js";
import type { ImagePreview, TargetSpec } from "../../protocol/api.js";
import type { DebugReport, DebugState, LabelSource, Neighbour } from "../../protocol/debug.js";
import { compact, previewSide } from "../panelSession.js";
import { failureOf, followProgress, ownBytes, type PageWorld } from "../sessionWorld.js";

/** What the session needs of the world: what a panel's session does, but showing a report. */
export interface DebugWorld extends PageWorld {
  readonly show: (state: DebugState) => void;
  readonly showNeighbour: (file: string, picture: ImagePreview) => void;
}

/** What the prediction is held against. */
export interface Judged {
  readonly label: TargetSpec;
  readonly labelFrom: LabelSource;
  readonly expected: TargetSpec | undefined;
}

export interface DebugSubject extends Judged {
  readonly image: string;
  readonly model: string;
  readonly imageName: string;
  readonly modelName: string;
  readonly among: string | undefined;
}

export interface DebugSession {
  state(): DebugState;
  /** The labels asked about, by their names where they are known, so that another model understands them. */
  judged(): Judged;
  /** Makes the report where there is none yet or a file changed. */
  refresh(): Promise<void>;
  /** Makes it again, held against other labels. */
  relabel(judged: Judged): Promise<void>;
  cancel(): void;
  /** Has the small pictures of near files shown again, for a page that is new. */
  showNeighbours(): void;
  /** Cancels the job and says no more. */
  dispose(): void;
}

/** The longer side of a near file's picture, in pixels. */
export const neighbourSide = 192;

/** A session that has done nothing yet; `refresh` starts it. */
export function createDebugSession(subject: DebugSubject, world: DebugWorld): DebugSession {
  const { model, image: input, among } = subject;
  const pictures = new Map<string, ImagePreview>();
  let judged: Judged = { label: subject.label, labelFrom: subject.labelFrom, expected: subject.expected };
  let image: ImagePreview | undefined;
  let imageStamp: string | undefined;
  let report: DebugReport | undefined;
  /** What the report shown belongs to: a job that is cancelled returns to its labels, and the same question is not asked twice. */
  let settled: { readonly judged: Judged; readonly key: string } | undefined;
  let labels: readonly string[] = [];
  let busy: DebugState["busy"];
  let failure: DebugState["failure"];
  let job: AbortController | undefined;
  let disposed = false;

  const state = (): DebugState => ({
    strings: world.strings, modelName: subject.modelName, imageName: subject.imageName, image, report, busy, failure, labels,
    notes: report?.notes.map((note) => ({ code: note.code, text: world.noteText(note) })) ?? [],
  });
  const show = () => {
    if (!disposed) world.show(state());
  };
  const fail = (thrown: unknown) => {
    failure = failureOf(world, thrown);
  };

  async function loadSurroundings(stamp: string, running: AbortController): Promise<void> {
    const { signal } = running;
    if (labels.length === 0) labels = (await world.call("inspectModel", { model }, { signal })).labels ?? [];
    if (!image || imageStamp !== stamp) {
      image = ownBytes(await world.call("previewImage", { path: input, maxSide: previewSide }, { signal }));
      imageStamp = stamp;
    }
    if (running === job) show();
  }

  /** One after the other: each is a small thing, and the worker has others to do. A file that is gone has no picture. */
  async function loadNeighbours({ neighbours }: DebugReport, running: AbortController): Promise<void> {
    if (!neighbours) return;
    for (const { file } of neighbours.found) {
      if (disposed || running.signal.aborted) return;
      const picture = pictures.get(file) ?? (await world.call("previewImage", { path: pathOf(neighbours, file), maxSide: neighbourSide }, { signal: running.signal }).then(ownBytes, () => undefined));
      if (!picture || disposed) continue;
      pictures.set(file, picture);
      world.showNeighbour(file, picture);
    }
  }

  async function run(): Promise<void> {
    job?.abort();
    const running = new AbortController();
    job = running;
    const asked = judged;
    const runtime = world.runtime();
    failure = undefined;
    const follow = followProgress(world);
    try {
      const stamp = await world.stamp();
      if (running !== job) return;
      const key = JSON.stringify([stamp, runtime, asked]);
      if (report && settled?.key === key) return;
      busy = { phase: "reading", done: 0, total: 0, text: world.phaseText("starting") };
      show();
      await loadSurroundings(stamp, running);
      if (running !== job) return;
      const made = await world.call("debugImage", { model, input, ...asked, among, runtime }, {
        signal: running.signal,
        onProgress: (progress) => {
          if (running !== job) return;
          const followed = follow(progress);
          busy = followed.busy;
          if (followed.isDue) show();
        },
      });
      if (running !== job) return;
      report = ownArrays(made);
      settled = { judged: asked, key };
      void loadNeighbours(report, running);
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

  const nameOf = (of: TargetSpec): TargetSpec => (typeof of === "number" ? (labels[of] ?? of) : of);

  return {
    state,
    judged: () => ({ ...judged, label: nameOf(judged.label), expected: judged.expected === undefined ? undefined : nameOf(judged.expected) }),
    refresh: run,
    relabel: (next) => {
      judged = next;
      return run();
    },
    cancel: () => {
      if (!job) return;
      job.abort();
      job = undefined;
      busy = undefined;
      if (settled) ({ judged } = settled);
      else fail(new WhylightError("cancelled"));
      show();
    },
    showNeighbours: () => {
      if (!disposed) for (const [file, picture] of pictures) world.showNeighbour(file, picture);
    },
    dispose: () => {
      disposed = true;
      job?.abort();
      job = undefined;
    },
  };
}

/** Where a near file lies. */
export function pathOf({ folder }: { readonly folder: string }, file: Neighbour["file"]): string {
  return path.join(folder, ...file.split("/"));
}

function ownArrays(report: DebugReport): DebugReport {
  return {
    ...report, maps: report.maps.map((map) => ({ ...map, explanation: compact(map.explanation) })),
    attention: report.attention.map((one) => ({ ...one, grid: { shape: one.grid.shape, data: one.grid.data.slice() } })),
  };
}
