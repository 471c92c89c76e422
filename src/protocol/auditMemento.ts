/** @file What an audit's page keeps across reloads, checked when it comes back. */
import type { AuditConfig } from "./audit.js";

/** What the page stores with `setState` and the serializer gets back. */
export interface AuditMemento extends Omit<AuditConfig, "page"> {
  /** Filters, order, the chosen cell and the like, which only the page knows. */
  readonly view: unknown;
}

/** The audit of a stored page; `undefined` when what was stored is not one's, as after an update. */
export function readAuditMemento(stored: unknown): Pick<AuditMemento, "audit"> | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { audit } = stored as { audit?: unknown };
  return typeof audit === "string" && audit !== "" ? { audit } : undefined;
}
