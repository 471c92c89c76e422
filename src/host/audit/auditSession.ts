/** @file What one audit's page does and knows: the run under way, what is on disk, the comparison with another. Knows nothing of VS Code. */
import type { CancelSignal } from "../../engine/cancellation.js";
import { WhylightError, toWhylightError } from "../../engine/errors.js";
import type { ImagePreview } from "../../protocol/api.js";
import type { AuditApi, AuditProgress, AuditRequest, AuditState, AuditSummary, ChangedPage, ImagesPage } from "../../protocol/audit.js";
import type { Judged } from "../debug/debugSession.js";
import { createPace, failureOf, ownBytes, type SessionWorld } from "../sessionWorld.js";
import { labelSource, labelsFile } from "./mistakes.js";
import type { CallOptions } from "../workerClient.js";

/** What the session needs of the world. */
export interface AuditWorld extends Pick<SessionWorld, "call" | "strings" | "describeFailure" | "runtime" | "logFailure"> {
  readonly show: (state: AuditState) => void;
  /** Audits in a process of its own, which ends with the call. */
  readonly run: (request: AuditRequest, options: CallOptions) => Promise<AuditSummary>;
  /** What is going on: `undefined` before the first word of the process. */
  readonly busyText: (progress: AuditProgress | undefined) => string;
  /** Other audits in the workspace. */
  readonly others: () => Promise<AuditState["others"]>;
  readonly shownAs: () => AuditState["shownAs"];
  /** The names people know a model and a folder by. */
  readonly modelName: (path: string) => string;
  readonly folderName: (path: string) => string;
}

/** What is to be audited where; the process and its runtime are chosen when it starts. */
export type AuditPlan = Omit<AuditRequest, "resume" | "runtime" | "out">;

export interface AuditSession {
  state(): AuditState;
  /** What is audited; `undefined` until it is known. */
  subject(): AuditPlan | undefined;
  isRunning(): boolean;
  /** Shows what is on disk. While the audit runs, it only shows what goes on. */
  open(): Promise<void>;
  /** Audits anew, or goes on with what is on disk. `wanted` takes the place of what was to be audited before. */
  run(resume: boolean, wanted?: AuditPlan): Promise<void>;
  /** Goes on, where something was stopped; else looks at the disk again. */
  retry(): Promise<void>;
  /** Stops; what is done stays on disk. */
  cancel(): void;
  compare(before: string | undefined): Promise<void>;
  images(request: Parameters<AuditApi["images"]>[0], signal?: CancelSignal): Promise<ImagesPage>;
  thumbnail(request: Parameters<AuditApi["thumbnail"]>[0], signal?: CancelSignal): Promise<ImagePreview>;
  changed(request: Parameters<AuditApi["changed"]>[0], signal?: CancelSignal): Promise<ChangedPage>;
  /** What an image is held against in its report; `undefined` for one without a label. */
  judged(file: string): Promise<Judged | undefined>;
  /** Looks again what it can be compared with. */
  loadOthers(): Promise<void>;
  /** Shows the state again: something around it has changed. */
  show(): void;
  /** Cancels everything and says no more. */
  dispose(): void;
}

const nothing: AuditProgress = { images: 0, total: 0, mistakes: 0, failed: 0, perSecond: 0 };

/** A session that has done nothing yet. `planned` is what will be audited; an audit that is only looked at tells it itself. */
export function createAuditSession(audit: string, planned: AuditPlan | undefined, world: AuditWorld): AuditSession {
  let plan = planned;
  let summary: AuditSummary | undefined;
  let busy: AuditState["busy"];
  let isPaused = false;
  let failure: AuditState["failure"];
  let others: AuditState["others"] = [];
  let comparison: AuditState["comparison"];
  let comparedWith: string | undefined;
  /** The run, or the reading, that counts. */
  let job: AbortController | undefined;
  let comparing: AbortController | undefined;
  let disposed = false;

  // What the audit on disk was made with says how it goes on, where nobody has just asked for it.
  const subject = (): AuditPlan | undefined => plan ?? (summary && { model: summary.model.path, folder: summary.folder, labels: labelsFile(summary) });
  const state = (): AuditState => {
    const about = subject();
    return {
      strings: world.strings, modelName: about ? world.modelName(about.model) : "", folderName: world.folderName(about?.folder ?? audit),
      summary, busy, isPaused, failure, shownAs: world.shownAs(), others, comparison,
    };
  };
  const show = () => {
    if (!disposed) world.show(state());
  };
  const fail = (thrown: unknown) => {
    failure = failureOf(world, thrown);
  };

  async function read(running: AbortController): Promise<void> {
    const found = await world.call("openAudit", { audit }, { signal: running.signal });
    if (running !== job) return;
    summary = found;
    isPaused = found.finished === undefined;
  }

  /** One reading or run at a time: a new one ends the one before. */
  async function begin(work: (running: AbortController) => Promise<void>): Promise<void> {
    job?.abort();
    const running = new AbortController();
    job = running;
    failure = undefined;
    try {
      await work(running);
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

  async function loadOthers(): Promise<void> {
    const found = (await world.others()).filter(({ folder }) => folder !== audit);
    if (JSON.stringify(found) === JSON.stringify(others)) return;
    others = found;
    show();
  }

  const begun = (resume: boolean) => begin(async (running) => {
    const isDue = createPace();
    isPaused = false;
    busy = { ...nothing, text: world.busyText(undefined) };
    show();
    try {
      if (!subject()) await read(running);
      isPaused = false;
      const asked = subject();
      if (!asked) throw new WhylightError("auditMissing", { path: audit });
      const made = await world.run({ ...asked, out: audit, resume, runtime: world.runtime() }, {
        signal: running.signal,
        onProgress: ({ audit: progress }) => {
          if (running !== job || !progress) return;
          const text = world.busyText(progress);
          const isNews = text !== busy?.text;
          busy = { ...progress, text };
          if (!isDue(isNews)) return;
          show();
        },
      });
      if (running !== job) return;
      summary = made;
    } catch (thrown) {
      if (running !== job) return;
      // Whatever ended it, what is on disk can be looked at and gone on with.
      fail(thrown);
      busy = undefined;
      await read(running).catch(() => {});
    }
  });

  return {
    state, subject, show, loadOthers,
    isRunning: () => busy !== undefined,
    open: async () => {
      if (busy) return show();
      await begin(read);
      await loadOthers();
    },
    run: async (resume, wanted) => {
      plan = wanted ?? plan;
      await begun(resume);
      await loadOthers();
    },
    retry: () => (isPaused || (plan && !summary) ? begun(isPaused) : begin(read)),
    cancel: () => {
      if (!busy) return;
      job?.abort();
      busy = undefined;
      isPaused = true;
      show();
      void begin((running) => read(running).catch((thrown: unknown) => {
        // Where nothing was written yet there is nothing to go on with.
        isPaused = false;
        throw toWhylightError(thrown).code === "auditMissing" ? new WhylightError("cancelled") : thrown;
      }));
    },
    compare: async (before) => {
      comparing?.abort();
      const running = new AbortController();
      comparing = running;
      [comparison, comparedWith] = [undefined, before];
      failure = undefined;
      try {
        const made = before === undefined ? undefined : await world.call("compareAudits", { before, after: audit }, { signal: running.signal });
        if (running === comparing) comparison = made;
      } catch (thrown) {
        if (running === comparing) fail(thrown);
      }
      if (running === comparing) show();
    },
    images: (request, signal) => world.call("auditImages", { ...request, audit }, signal ? { signal } : {}),
    thumbnail: async (request, signal) => ownBytes(await world.call("auditThumbnail", { ...request, audit }, signal ? { signal } : {})),
    changed: async (request, signal) => {
      if (comparedWith === undefined) throw new WhylightError("cancelled");
      return world.call("changedImages", { ...request, before: comparedWith, after: audit }, signal ? { signal } : {});
    },
    judged: async (file) => {
      const { images } = await world.call("auditImages", { audit, filter: { files: [file] }, order: "name", offset: 0, count: 1 });
      const label = images[0]?.label ?? -1;
      return label < 0 ? undefined : { label, labelFrom: summary ? labelSource(summary) : "folder", expected: undefined };
    },
    dispose: () => {
      disposed = true;
      job?.abort();
      comparing?.abort();
      job = undefined;
    },
  };
}
