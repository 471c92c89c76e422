/** @file One request to a hub: the token goes to its endpoint and nowhere else, and every failure is told by what it means. */
import { WhylightError } from "../../engine/errors.js";
import type { HubModel } from "../../protocol/download.js";

/** A failure that another try may mend. */
export class PassingFailure extends Error {
  /** How long the hub asks to wait, where it does. */
  readonly waitMs: number | undefined;
  constructor(reason: string, waitMs?: number) {
    super(reason);
    this.waitMs = waitMs;
  }
}

/** The longest time that a hub may ask to wait. */
const longestWaitMs = 60_000;

/**
 * Asks for a path of the endpoint. `fetch` itself drops the token where a redirect leads to another host, as hubs do with large files.
 * Throws `hubUnknown`, `hubForbidden`, `hubFailed`; `PassingFailure` for what may be over soon.
 */
export async function requestHub(model: HubModel, path: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const { name, endpoint, token } = model;
  const authorization = token === undefined || token === "" ? {} : { Authorization: `Bearer ${token}` };
  let response: Response;
  try {
    response = await fetch(new URL(path, endpointOf(model)), { signal, headers: { ...headers, ...authorization } });
  } catch (thrown) {
    if (thrown instanceof WhylightError) throw thrown;
    throw new PassingFailure(reasonOf(thrown));
  }
  if (response.ok) return response;
  // Whoever does not read a body keeps its connection.
  await response.body?.cancel();
  const code = response.headers.get("x-error-code");
  if (code === "GatedRepo" || response.status === 403) throw new WhylightError("hubForbidden", { name, endpoint });
  // A hub does not tell strangers whether a private model exists: it answers 401 to both.
  if (code === "RepoNotFound" || code === "RevisionNotFound" || code === "EntryNotFound" || [401, 404].includes(response.status)) throw new WhylightError("hubUnknown", { name, endpoint });
  const reason = `${endpoint} answered ${response.status} ${response.statusText}`.trim();
  if (response.status === 429 || response.status >= 500) throw new PassingFailure(reason, waitOf(response));
  throw new WhylightError("hubFailed", { name, reason });
}

/** The endpoint with a slash at its end. Throws `hubFailed` for one that is no web address. */
function endpointOf({ name, endpoint }: HubModel): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint.endsWith("/") ? endpoint : `${endpoint}/`) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) throw new WhylightError("hubFailed", { name, reason: `${endpoint} is no web address` });
  return url;
}

function waitOf({ headers }: Response): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(longestWaitMs, seconds * 1000) : undefined;
}

/** Node hides what went wrong behind "fetch failed". */
export function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
