/** @file The tests of a panel's maps: one check at a time, what each map's found kept as long as the map. */
import { toWhylightError } from "../engine/errors.js";
import type { Explanation } from "../protocol/api.js";
import type { PanelTrust, TrustReport, TrustRequest } from "../protocol/trust.js";
import { createPace, type SessionWorld } from "./sessionWorld.js";

export interface TrustCheck {
  /** What is known of a result. */
  of(explanation: Explanation | undefined): PanelTrust | undefined;
  /** Runs the tests; a check under way is stopped. Settles when they ended, however they did. */
  check(explanation: Explanation, request: TrustRequest): Promise<void>;
  /** Stops; findings so far stay. */
  cancel(): void;
}

/** A check that has tested nothing. `show` is called at every change. */
export function createTrustCheck({ call, findingText, testName, estimateText, describeFailure, logFailure }: SessionWorld, show: () => void): TrustCheck {
  const known = new WeakMap<Explanation, PanelTrust>();
  let running: { readonly explanation: Explanation; readonly job: AbortController } | undefined;

  const shown = (report: TrustReport | undefined, busy: PanelTrust["busy"], failure?: string): PanelTrust => ({
    report, busy, failure, texts: report?.findings.map(findingText) ?? [], pending: busy ? (report?.pending.map(testName) ?? []) : [],
  });
  const stop = () => {
    if (!running) return;
    const { explanation, job } = running;
    running = undefined;
    job.abort();
    const report = known.get(explanation)?.report;
    if (report) known.set(explanation, shown(report, undefined));
    else known.delete(explanation);
  };

  return {
    of: (explanation) => explanation && known.get(explanation),
    check: async (explanation, request) => {
      stop();
      const job = new AbortController();
      running = { explanation, job };
      let report: TrustReport | undefined;
      let estimate: string | undefined;
      const isDue = createPace();
      const put = (next: PanelTrust, isNews = true) => {
        if (running?.job !== job) return;
        known.set(explanation, next);
        // Every state goes whole, image and all.
        if (isDue(isNews)) show();
      };
      put(shown(undefined, { done: 0, total: 0 }));
      try {
        report = await call("trust", request, {
          signal: job.signal,
          onProgress: ({ done, total, trust, phase, estimate: told }) => {
            const isNews = told !== undefined || (trust !== undefined && trust.findings.length !== report?.findings.length);
            report = trust ?? report;
            estimate = told ? estimateText(told) : estimate;
            put(shown(report, { ...(phase === "computing" ? { done, total } : { done: 0, total: 0 }), estimate }), isNews);
          },
        });
        put(shown(report, undefined));
      } catch (thrown) {
        const error = toWhylightError(thrown);
        if (running?.job === job && error.code !== "cancelled") logFailure(error);
        put(shown(report, undefined, describeFailure(error).text));
      } finally {
        if (running?.job === job) running = undefined;
      }
    },
    cancel: () => {
      if (!running) return;
      stop();
      show();
    },
  };
}
